package dev.skein.cost;

import dev.skein.graph.Cut;
import dev.skein.graph.Flow;
import dev.skein.graph.Graph;
import dev.skein.graph.Node;
import dev.skein.graph.Segment;
import dev.skein.graph.Segments;
import dev.skein.graph.Weight;
import dev.skein.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Costs of a graph's nodes and of the segments between its cuts. */
public final class GraphCosts {
  private GraphCosts() {}

  /**
   * Multiply-accumulate operations: of convolutions, matrix products, recurrent and attention
   * operators and their quantised and fused forms; 0 for all others.
   *
   * @param specs of values, weights not needed
   * @throws CostException if a shape that counts is not known
   */
  public static long macs(Node node, Map<String, TensorSpec> specs, Graph graph) {
    return new Macs(new Shapes(specs, graph)).of(node);
  }

  /**
   * What each node takes, in graph order. Nodes that depend on constants only run once, when the
   * model is loaded: they have parameters, and otherwise cost nothing.
   *
   * @param specs of all values that depend on the input
   * @throws CostException if a shape that counts is not known
   */
  public static List<OperatorCost> operators(Graph graph, Map<String, TensorSpec> specs) {
    Macs macs = new Macs(new Shapes(specs, graph));
    Parameters parameters = new Parameters(graph);
    Flow flow = new Flow(graph);
    List<OperatorCost> costs = new ArrayList<>();
    for (int i = 0; i < graph.nodes().size(); i++) {
      Node node = graph.nodes().get(i);
      long learned = parameters.of(node);
      if (flow.isConstant(i)) {
        costs.add(new OperatorCost(i, 0, learned, 0, 0));
        continue;
      }
      long written = 0;
      for (String value : node.makes()) {
        written += bytes(specs, value);
      }
      long read = bytes(node, specs, graph) - written;
      costs.add(new OperatorCost(i, macs.of(node), learned, read, written));
    }
    return List.copyOf(costs);
  }

  /**
   * Learned numbers of a graph, each weight once: numbers of at most 32 bits or of fractions with
   * at least one axis, without BatchNorm's running statistics, as such figures are usually stated.
   */
  public static long parameters(Graph graph) {
    return new Parameters(graph).all();
  }

  /** Bytes a node reads and writes, weights included; values without a spec count nothing. */
  public static long bytes(Node node, Map<String, TensorSpec> specs, Graph graph) {
    long bytes = 0;
    for (String value : node.reads()) {
      Weight weight = graph.weights().get(value);
      bytes += weight == null ? bytes(specs, value) : weight.bytes();
    }
    for (String value : node.makes()) {
      bytes += bytes(specs, value);
    }
    return bytes;
  }

  /**
   * Costs of the segments between neighbouring cuts.
   *
   * <p>A segment's activations are what is alive at its fullest moment: the values that came with
   * the cut before it, also those it only passes on, and what its nodes make, each until it is last
   * read. Values without a spec, such as those made of constants, count nothing there.
   *
   * @param specs of all values that depend on the input
   * @param nodeMillis for each of the graph's nodes
   * @throws CostException if the spec of a value in a cut, or a shape that counts, is not known
   */
  public static ChainCosts chain(
      Graph graph, List<Cut> cuts, Map<String, TensorSpec> specs, double[] nodeMillis) {
    if (nodeMillis.length != graph.nodes().size()) {
      throw new IllegalArgumentException(
          "%d times for %d nodes".formatted(nodeMillis.length, graph.nodes().size()));
    }
    Map<String, Integer> makers = new HashMap<>();
    for (int i = 0; i < graph.nodes().size(); i++) {
      for (String value : graph.nodes().get(i).makes()) {
        makers.put(value, i);
      }
    }
    List<Segment> segments = Segments.between(cuts);
    List<Graph> parts = Segments.extract(graph, segments);
    Macs macs = new Macs(new Shapes(specs, graph));
    List<SegmentCost> costs = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      Segment segment = segments.get(i);
      Graph part = parts.get(i);
      long operations = 0;
      double millis = 0;
      for (Node node : part.nodes()) {
        int index = node.makes().isEmpty() ? -1 : makers.getOrDefault(node.makes().getFirst(), -1);
        // Nodes from before the segment are constants that it repeats: computed once, on loading.
        if (index >= segment.from().position()) {
          operations += macs.of(node);
          millis += nodeMillis[index];
        }
      }
      costs.add(
          new SegmentCost(
              operations, weightBytes(part), activations(part, segment, specs), millis));
    }
    long[] cutBytes = cuts.stream().mapToLong(cut -> frontier(cut, specs, graph)).toArray();
    return new ChainCosts(costs, cutBytes);
  }

  /**
   * Bytes of the values alive at a cut.
   *
   * @throws CostException if one of them has no spec
   */
  public static long frontier(Cut cut, Map<String, TensorSpec> specs, Graph graph) {
    long bytes = 0;
    for (String value : cut.values()) {
      TensorSpec spec = specs.get(value);
      Weight weight = graph.weights().get(value);
      if (spec == null && weight == null) {
        throw new CostException(
            "cut at %d: the size of value '%s' is not known; probe the model again"
                .formatted(cut.position(), value.replaceAll("\\p{Cntrl}", "?")));
      }
      bytes += weight == null ? bytes(specs, value) : weight.bytes();
    }
    return bytes;
  }

  private static long weightBytes(Graph part) {
    return part.weights().values().stream().mapToLong(Weight::bytes).sum();
  }

  private static long activations(Graph part, Segment segment, Map<String, TensorSpec> specs) {
    return MemoryProfile.of(part, segment.from().values(), segment.to().values(), specs).peak();
  }

  static long bytes(Map<String, TensorSpec> specs, String value) {
    TensorSpec spec = specs.get(value);
    return spec == null ? 0 : spec.bytes();
  }
}
