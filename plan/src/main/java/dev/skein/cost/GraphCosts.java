package dev.skein.cost;

import dev.skein.graph.Cut;
import dev.skein.graph.Graph;
import dev.skein.graph.Node;
import dev.skein.graph.Segment;
import dev.skein.graph.Segments;
import dev.skein.graph.Weight;
import dev.skein.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Costs of the segments between the cuts of a graph, for given shapes of all its values. */
public final class GraphCosts {
  private final Graph graph;
  private final Map<String, TensorSpec> specs;
  private final MultiplyAccumulates macs;

  private GraphCosts(Graph graph, Map<String, TensorSpec> specs) {
    this.graph = graph;
    this.specs = specs;
    this.macs = new MultiplyAccumulates(graph, specs);
  }

  /**
   * @param cuts in order, the first and last being the graph's entry and exit
   * @param specs types and shapes of the values
   * @param nodeMillis by index of the graph's nodes, on the reference device
   */
  public static ChainCosts chain(
      Graph graph, List<Cut> cuts, Map<String, TensorSpec> specs, double[] nodeMillis) {
    GraphCosts costs = new GraphCosts(graph, specs);
    List<SegmentCost> segments = new ArrayList<>();
    for (Segment segment : Segments.between(cuts)) {
      double millis = 0;
      for (int i = segment.from().position(); i < segment.to().position(); i++) {
        millis += nodeMillis[i];
      }
      segments.add(costs.cost(segment, millis));
    }
    return new ChainCosts(
        segments, cuts.stream().mapToLong(cut -> costs.bytes(cut.values())).toArray());
  }

  private SegmentCost cost(Segment segment, double millis) {
    Graph piece = Segments.extract(graph, segment);
    long weights = piece.weights().values().stream().mapToLong(Weight::bytes).sum();
    long products = piece.nodes().stream().mapToLong(macs::of).sum();
    return new SegmentCost(products, weights, peak(piece, segment), millis);
  }

  /** The most bytes of values that are alive at once, each from its making to its last reader. */
  private long peak(Graph piece, Segment segment) {
    Map<String, Integer> lastReader = new HashMap<>();
    for (int i = 0; i < piece.nodes().size(); i++) {
      for (String value : piece.nodes().get(i).reads()) {
        lastReader.put(value, i);
      }
    }
    Set<String> kept = new HashSet<>(segment.to().values());
    long alive = bytes(segment.from().values());
    long peak = alive;
    for (int i = 0; i < piece.nodes().size(); i++) {
      Node node = piece.nodes().get(i);
      alive += bytes(node.makes());
      peak = Math.max(peak, alive);
      Set<String> done = new HashSet<>(node.reads());
      done.addAll(node.makes());
      int position = i;
      done.removeIf(value -> kept.contains(value) || lastReader.getOrDefault(value, -1) > position);
      done.removeAll(piece.weights().keySet());
      alive -= bytes(done);
    }
    return peak;
  }

  private long bytes(Collection<String> values) {
    long bytes = 0;
    for (String value : values) {
      TensorSpec spec = specs.get(value);
      bytes += spec == null ? 0 : spec.bytes();
    }
    return bytes;
  }
}
