package dev.skein.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Takes a graph apart at its cuts. */
public final class Segments {
  private final Graph graph;
  private final Flow flow;
  private final Map<String, Value> declared = new HashMap<>();
  private final Map<String, Value> annotations = new HashMap<>();

  private Segments(Graph graph) {
    this.graph = graph;
    this.flow = new Flow(graph);
    graph.annotations().forEach(value -> annotations.put(value.name(), value));
    Stream.of(graph.inputs(), graph.outputs(), graph.annotations())
        .flatMap(List::stream)
        .forEach(value -> declared.putIfAbsent(value.name(), value));
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
    return new Segments(graph).part(segment);
  }

  /** {@link #extract(Graph, Segment)} for many: the graph is looked at once. */
  public static List<Graph> extract(Graph graph, List<Segment> segments) {
    Segments all = new Segments(graph);
    return segments.stream().map(all::part).toList();
  }

  /** Values of {@code to} that the segment does not make: they come with {@code from}. */
  public static List<String> passed(Graph graph, Segment segment) {
    Segments segments = new Segments(graph);
    return segment.to().values().stream().filter(value -> !segments.makes(segment, value)).toList();
  }

  private boolean makes(Segment segment, String value) {
    return !flow.isDynamic(value) || flow.maker(value) >= segment.from().position();
  }

  private Graph part(Segment segment) {
    if (segment.to().position() > graph.nodes().size()) {
      throw new GraphException(
          "graph %s has %d nodes, too few for a cut at %d"
              .formatted(
                  OneLine.quote(graph.name()), graph.nodes().size(), segment.to().position()));
    }
    List<String> outputs =
        segment.to().values().stream().filter(value -> makes(segment, value)).toList();
    Set<String> needed = new LinkedHashSet<>(outputs);
    List<Node> nodes =
        keep(segment, needed).stream().mapToObj(node -> graph.nodes().get(node)).toList();
    Map<String, Weight> weights = new LinkedHashMap<>();
    for (String value : needed) {
      Weight weight = graph.weights().get(value);
      if (weight != null) {
        weights.put(value, weight);
      }
    }
    Set<String> exposed = new HashSet<>(outputs);
    List<Value> inside =
        nodes.stream()
            .flatMap(node -> node.makes().stream())
            .filter(value -> annotations.containsKey(value) && exposed.add(value))
            .map(this::value)
            .toList();
    String name =
        "%s[%d,%d)".formatted(graph.name(), segment.from().position(), segment.to().position());
    return new Graph(
        name,
        inputs(segment, needed).stream().map(this::value).toList(),
        outputs.stream().map(this::value).toList(),
        nodes,
        weights,
        inside,
        Opaque.NONE);
  }

  /** The nodes that the outputs need; adds to {@code needed} what they read. */
  private BitSet keep(Segment segment, Set<String> needed) {
    BitSet kept = new BitSet();
    Deque<String> open = new ArrayDeque<>(needed);
    while (!open.isEmpty()) {
      int maker = flow.maker(open.remove());
      boolean inside =
          maker >= segment.from().position()
              ? maker < segment.to().position()
              : maker >= 0 && flow.isConstant(maker);
      if (!inside || kept.get(maker)) {
        continue;
      }
      kept.set(maker);
      for (String value : flow.reads(maker)) {
        if (needed.add(value)) {
          open.add(value);
        }
      }
    }
    return kept;
  }

  private List<String> inputs(Segment segment, Set<String> needed) {
    Set<String> inputs = new LinkedHashSet<>();
    for (String value : segment.from().values()) {
      if (needed.contains(value) && !makes(segment, value)) {
        inputs.add(value);
      }
    }
    for (String value : needed) {
      if (!makes(segment, value) && !inputs.contains(value)) {
        throw new GraphException(
            "the cut at %d lacks value %s, which is needed behind it"
                .formatted(segment.from().position(), OneLine.quote(value)));
      }
    }
    return List.copyOf(inputs);
  }

  private Value value(String name) {
    return declared.getOrDefault(name, Value.of(name, null));
  }
}
