package dev.skein.cost;

import dev.skein.graph.Cut;
import dev.skein.graph.Graph;
import dev.skein.graph.Segment;
import dev.skein.graph.Segments;
import dev.skein.graph.Weight;
import dev.skein.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Costs of the segments between the cuts of a graph. */
public final class GraphCosts {
  private GraphCosts() {}

  /**
   * @param specs types and shapes of the values at the cuts
   * @param nodeMillis by index of the graph's nodes
   */
  public static ChainCosts chain(
      Graph graph, List<Cut> cuts, Map<String, TensorSpec> specs, double[] nodeMillis) {
    List<SegmentCost> segments = new ArrayList<>();
    long[] bytes = new long[cuts.size()];
    for (int i = 0; i < cuts.size(); i++) {
      for (String value : cuts.get(i).values()) {
        TensorSpec spec = specs.get(value);
        bytes[i] += spec == null ? 0 : spec.bytes();
      }
      if (i > 0) {
        double millis = 0;
        for (int n = cuts.get(i - 1).position(); n < cuts.get(i).position(); n++) {
          millis += nodeMillis[n];
        }
        long weights =
            Segments.extract(graph, new Segment(cuts.get(i - 1), cuts.get(i)))
                .weights()
                .values()
                .stream()
                .mapToLong(Weight::bytes)
                .sum();
        segments.add(new SegmentCost(0, weights, bytes[i - 1] + bytes[i], millis));
      }
    }
    return new ChainCosts(segments, bytes);
  }
}
