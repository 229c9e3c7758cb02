package dev.skein.graph;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Takes a graph apart at its cuts. */
public final class Segments {
  private final Graph graph;
  private final Segment segment;
  private final Flow flow;

  private Segments(Graph graph, Segment segment) {
    this.graph = graph;
    this.segment = segment;
    this.flow = new Flow(graph);
  }

  /** The chain of segments between neighbouring cuts, one less than there are cuts. */
  public static List<Segment> between(List<Cut> cuts) {
    List<Segment> segments = new ArrayList<>();
    for (int i = 1; i < cuts.size(); i++) {
      segments.add(new Segment(cuts.get(i - 1), cuts.get(i)));
    }
    return List.copyOf(segments);
  }

  /**
   * A segment as a graph of its own. Its inputs are the values of {@code from} that its nodes read;
   * its outputs the values of {@code to} that it makes itself, in that order (the others are {@link
   * #passed}). Nodes that depend on constants only are repeated in every segment that needs them;
   * nodes that nothing needs are left out, and so are other segments' weights. An input or output
   * whose type the graph does not declare has none here; see {@link Graph#annotated}.
   *
   * @throws GraphException if the cuts are not of this graph
   */
  public static Graph extract(Graph graph, Segment segment) {
    return new Segments(graph, segment).extract();
  }

  /** Values of {@code to} that the segment does not make: they come with {@code from}. */
  public static List<String> passed(Graph graph, Segment segment) {
    Segments segments = new Segments(graph, segment);
    return segment.to().values().stream().filter(value -> !segments.makes(value)).toList();
  }

  private boolean makes(String value) {
    return !flow.isDynamic(value) || flow.maker(value) >= segment.from().position();
  }

  private Graph extract() {
    if (segment.to().position() > graph.nodes().size()) {
      throw new GraphException(
          "graph %s has %d nodes, too few for a cut at %d"
              .formatted(
                  OneLine.quote(graph.name()), graph.nodes().size(), segment.to().position()));
    }
    List<String> outputs = segment.to().values().stream().filter(this::makes).toList();
    Set<String> needed = new HashSet<>(outputs);
    boolean[] kept = keep(needed);
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < kept.length; i++) {
      if (kept[i]) {
        nodes.add(graph.nodes().get(i));
      }
    }
    List<String> inputs = inputs(needed);
    Map<String, Weight> weights = new LinkedHashMap<>(graph.weights());
    weights.keySet().retainAll(needed);
    Set<String> made = new HashSet<>();
    nodes.forEach(node -> made.addAll(node.makes()));
    made.removeAll(outputs);
    String name =
        "%s[%d,%d)".formatted(graph.name(), segment.from().position(), segment.to().position());
    return new Graph(
        name,
        inputs.stream().map(this::value).toList(),
        outputs.stream().map(this::value).toList(),
        nodes,
        weights,
        graph.annotations().stream().filter(value -> made.contains(value.name())).toList(),
        Opaque.NONE);
  }

  /** Adds to {@code needed} what the kept nodes read. */
  private boolean[] keep(Set<String> needed) {
    boolean[] kept = new boolean[graph.nodes().size()];
    for (int i = segment.to().position() - 1; i >= 0; i--) {
      boolean inside = i >= segment.from().position() || flow.isConstant(i);
      kept[i] = inside && graph.nodes().get(i).makes().stream().anyMatch(needed::contains);
      if (kept[i]) {
        needed.addAll(flow.reads(i));
      }
    }
    return kept;
  }

  private List<String> inputs(Set<String> needed) {
    List<String> inputs = new ArrayList<>();
    for (String value : segment.from().values()) {
      if (needed.contains(value) && !makes(value)) {
        inputs.add(value);
      }
    }
    for (String value : needed) {
      boolean before = flow.isDynamic(value) && flow.maker(value) < segment.from().position();
      if (before && !inputs.contains(value)) {
        throw new GraphException(
            "the cut at %d lacks value %s, which is needed behind it"
                .formatted(segment.from().position(), OneLine.quote(value)));
      }
    }
    return inputs;
  }

  private Value value(String name) {
    Value declared = graph.declared(name);
    return declared == null ? Value.of(name, null) : declared;
  }
}
