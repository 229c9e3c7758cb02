package dev.skein.engine;

import dev.skein.graph.Attribute;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import dev.skein.graph.Segment;
import dev.skein.graph.Segments;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.graph.Weight;
import dev.skein.tensor.Tensor;
import dev.skein.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Has a model optimised for this machine, part by part, so that at no time all its weights are in
 * memory; the parts are one model again afterwards, whose weights are in memory-mapped files.
 */
final class Prepared {
  private static final String BLOCKED = "com.microsoft.nchwc";

  private final Model model;
  private final Path folder;
  private final Set<String> common = new HashSet<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Weight> weights = new LinkedHashMap<>();
  private final Map<String, Long> opsets = new LinkedHashMap<>();

  private Prepared(Model model, Path folder) {
    this.model = model;
    this.folder = folder;
  }

  /**
   * @param model with the types of all values declared
   * @param partBytes weights to be optimised at once, if the graph allows
   * @return to be run as written; its inputs and outputs are those of {@code model}
   */
  static Model of(Model model, SessionOptions options, long partBytes, Path folder) {
    List<Segment> parts = Seams.parts(model.graph(), partBytes);
    if (parts.size() == 1) {
      return optimised(model, options, folder);
    }
    return withoutDetours(new Prepared(model, folder).join(parts, options));
  }

  private static Model optimised(Model part, SessionOptions options, Path folder) {
    Model optimised = OptimisedModel.save(part, options, folder);
    part.graph().weights().values().forEach(Prepared::release);
    optimised.graph().weights().values().forEach(Prepared::release);
    NativeHeap.trim();
    return optimised;
  }

  /** Gives back the pages of a memory-mapped weight; they are read again when they are touched. */
  static void release(Weight weight) {
    if (weight instanceof Weight.Held(Tensor tensor) && tensor.data().isMapped()) {
      tensor.data().unload();
    }
  }

  private Model join(List<Segment> parts, SessionOptions options) {
    Graph graph = model.graph();
    graph.inputs().forEach(input -> common.add(input.name()));
    graph.outputs().forEach(output -> common.add(output.name()));
    parts.forEach(part -> common.addAll(part.to().values()));
    for (int i = 0; i < parts.size(); i++) {
      Model part = model.with(Segments.extract(graph, parts.get(i)));
      add(optimised(part, options, subfolder(i)), "part" + i + "/");
    }
    Graph joined =
        new Graph(
            graph.name(), graph.inputs(), graph.outputs(), nodes, weights, List.of(), graph.rest());
    return new Model(joined, model.irVersion(), opsets, model.metadata(), model.rest());
  }

  private void add(Model part, String prefix) {
    UnaryOperator<String> name =
        value -> value.isEmpty() || common.contains(value) ? value : prefix + value;
    part.graph().weights().forEach((weight, values) -> weights.put(name.apply(weight), values));
    for (Node node : part.graph().nodes()) {
      nodes.add(
          new Node(
              node.name().isEmpty() ? "" : prefix + node.name(),
              node.op(),
              node.domain(),
              node.inputs().stream().map(name).toList(),
              node.outputs().stream().map(name).toList(),
              node.attributes(),
              node.rest()));
    }
    part.opsets().forEach((domain, version) -> opsets.merge(domain, version, Math::max));
  }

  private Path subfolder(int part) {
    try {
      return Files.createDirectories(folder.resolve("part" + part));
    } catch (IOException e) {
      throw new EngineException("no folder can be made in " + folder, e);
    }
  }

  /**
   * Before: b (blocked) → ReorderOutput → v → ReorderInput → c (blocked). After: b in place of c. A
   * seam between two parts leaves such detours.
   */
  private static Model withoutDetours(Model model) {
    Graph graph = model.graph();
    Map<String, Node> leavers = new HashMap<>();
    Patch patch = new Patch();
    Map<String, Integer> reads = new HashMap<>();
    graph.outputs().forEach(output -> reads.merge(output.name(), 1, Integer::sum));
    for (Node node : graph.nodes()) {
      node.reads().forEach(value -> reads.merge(value, 1, Integer::sum));
      if (node.domain().equals(BLOCKED)
          && node.op().equals("ReorderOutput")
          && !lastChannels(node)) {
        leavers.put(node.outputs().getFirst(), node);
      }
    }
    for (Node node : graph.nodes()) {
      Node leaver =
          node.domain().equals(BLOCKED) && node.op().equals("ReorderInput") && !lastChannels(node)
              ? leavers.get(node.inputs().getFirst())
              : null;
      if (leaver != null) {
        patch.remove(node).redirect(node.outputs().getFirst(), leaver.inputs().getFirst());
        String between = leaver.outputs().getFirst();
        if (reads.merge(between, -1, Integer::sum) == 0) {
          patch.remove(leaver);
        }
      }
    }
    return patch.isEmpty() ? model : model.with(patch.apply(graph));
  }

  private static boolean lastChannels(Node reorder) {
    return reorder.attributes().get("channels_last") instanceof Attribute.OfInt(long last)
        && last != 0;
  }

  /** The model with inputs of exactly these shapes. */
  static Model fixed(Model model, Map<String, TensorSpec> inputs) {
    Graph graph = model.graph();
    List<Value> fixed =
        graph.requiredInputs().stream()
            .map(input -> {
              TensorSpec spec = inputs.get(input.name());
              return spec == null
                  ? input
                  : Value.of(input.name(), TensorType.of(spec.type(), spec.shape()));
            })
            .toList();
    return model.with(
        new Graph(
            graph.name(),
            fixed,
            graph.outputs(),
            graph.nodes(),
            graph.weights(),
            graph.annotations(),
            graph.rest()));
  }
}
