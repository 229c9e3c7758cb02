package dev.skein.cli;

import dev.skein.cli.LayeredLayout.Edge;
import dev.skein.cost.OperatorCost;
import dev.skein.graph.Attribute;
import dev.skein.graph.Flow;
import dev.skein.graph.Graph;
import dev.skein.graph.Node;
import dev.skein.graph.OneLine;
import dev.skein.graph.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What of a graph is drawn: inputs, outputs, and the nodes that depend on the input. */
final class GraphBoxes {
  private static final int NAME = 34;

  /**
   * @param node its position in the graph; -1 for the graph's inputs and outputs
   * @param makes values that leave it
   */
  record Box(int node, String title, String detail, List<String> makes, List<String> reads) {
    double width() {
      return Math.max(96, 20 + 6.4 * Math.max(title.length(), detail.length()));
    }
  }

  private final Inspection inspection;
  private final List<Box> boxes = new ArrayList<>();
  private final Map<String, Integer> makers = new HashMap<>();
  private final Map<Edge, String> edges = new LinkedHashMap<>();

  GraphBoxes(Inspection inspection) {
    this.inspection = inspection;
    Graph graph = inspection.graph();
    Flow flow = new Flow(graph);
    for (Value input : graph.requiredInputs()) {
      add(new Box(-1, "input", shorten(input.name()), List.of(input.name()), List.of()));
    }
    for (int i = 0; i < graph.nodes().size(); i++) {
      Node node = graph.nodes().get(i);
      if (flow.isActive(i)) {
        String title = (Inspection.operator(node) + " " + settings(node)).strip();
        add(new Box(i, shorten(title), cost(i), node.makes(), node.reads()));
      }
    }
    for (Value output : graph.outputs()) {
      add(new Box(-1, "output", shorten(output.name()), List.of(), List.of(output.name())));
    }
  }

  private void add(Box box) {
    int number = boxes.size();
    boxes.add(box);
    for (String value : box.reads()) {
      Integer maker = makers.get(value);
      if (maker != null) {
        edges.putIfAbsent(new Edge(maker, number), value);
      }
    }
    box.makes().forEach(value -> makers.put(value, number));
  }

  private String cost(int node) {
    OperatorCost cost = inspection.cost(node);
    String millis = String.format(Locale.ROOT, "%.3g ms", inspection.millis(node));
    return cost.macs() == 0
        ? millis
        : String.format(Locale.ROOT, "%.2f MMACs, %s", cost.macs() / 1e6, millis);
  }

  /** What tells one convolution or pooling from another. */
  private static String settings(Node node) {
    List<String> parts = new ArrayList<>();
    if (node.attributes().get("kernel_shape") instanceof Attribute.OfInts(List<Long> sizes)) {
      parts.add(sizes.stream().map(String::valueOf).collect(Collectors.joining("×")));
    }
    if (node.attributes().get("strides") instanceof Attribute.OfInts(List<Long> strides)
        && strides.stream().anyMatch(stride -> stride != 1)) {
      parts.add("/" + strides.getFirst());
    }
    if (node.attributes().get("group") instanceof Attribute.OfInt(long groups) && groups > 1) {
      parts.add("in " + groups + " groups");
    }
    return String.join(" ", parts);
  }

  static String shorten(String name) {
    String text = OneLine.of(name);
    return text.length() <= NAME ? text : "…" + text.substring(text.length() - NAME + 1);
  }

  /** Each behind those it reads. */
  List<Box> boxes() {
    return Collections.unmodifiableList(boxes);
  }

  /** Who reads whom, with the first of the values that go there. */
  Map<Edge, String> edges() {
    return Collections.unmodifiableMap(edges);
  }

  /** The box that a value leaves; null for constants. */
  @Nullable Integer maker(String value) {
    return makers.get(value);
  }
}
