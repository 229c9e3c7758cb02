package dev.skein.engine;

import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the node behind a kernel's name. Node names may be empty or repeated, so a copy of the
 * model gets unique ones; ONNX Runtime adds to them what it likes, but keeps them in it. Kernels of
 * its blocked memory layout are named after the node's output instead.
 *
 * @param model the copy
 */
record KernelNames(Model model, Map<String, Integer> producers) {
  private static final Pattern NODE = Pattern.compile("skein_node_(\\d{1,9})_");
  private static final Pattern OUTPUT =
      Pattern.compile("(?:InsertedPrecisionFreeCast_)?(.+)_nchwc(?:_token_\\d+)?");

  static KernelNames of(Model model) {
    Graph graph = model.graph();
    List<Node> nodes = new ArrayList<>();
    Map<String, Integer> producers = new HashMap<>();
    for (Node node : graph.nodes()) {
      int index = nodes.size();
      node.makes().forEach(output -> producers.put(output, index));
      nodes.add(OrtForm.named(node, "skein_node_" + index + "_"));
    }
    return new KernelNames(model.with(graph.withNodes(nodes)), producers);
  }

  /** The node's index; -1 for kernels that stand for no node of the graph. */
  int node(String kernel) {
    Matcher named = NODE.matcher(kernel);
    if (named.find()) {
      return Integer.parseInt(named.group(1));
    }
    Matcher output = OUTPUT.matcher(kernel);
    return output.matches() ? producers.getOrDefault(output.group(1), -1) : -1;
  }

  /**
   * Whether the kernel is named after what it makes, so that it may stand for earlier nodes too.
   */
  static boolean isNamedAfterOutput(String kernel) {
    return !NODE.matcher(kernel).find();
  }
}
