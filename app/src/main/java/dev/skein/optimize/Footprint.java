package dev.skein.optimize;

import dev.skein.cost.CostException;
import dev.skein.cost.GraphCosts;
import dev.skein.cost.MemoryProfile;
import dev.skein.engine.ShapeProbe;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Weight;
import dev.skein.tensor.Tensor;
import dev.skein.tensor.TensorSpec;
import java.util.Map;

/**
 * How big a model is, for one set of input shapes.
 *
 * @param macs multiply-accumulate operations; -1 if a shape that counts is not known
 * @param weightBytes bytes of all constants
 * @param peakActivationBytes most bytes of values alive at one time, in the graph's order
 */
public record Footprint(int nodes, long macs, long weightBytes, long peakActivationBytes) {
  /** Runs the model once to learn its shapes. */
  public static Footprint of(Model model, Map<String, Tensor> sample) {
    Graph graph = model.graph();
    Map<String, TensorSpec> specs = ShapeProbe.probe(model, sample);
    return new Footprint(
        graph.nodes().size(),
        macs(graph, specs),
        graph.weights().values().stream().mapToLong(Weight::bytes).sum(),
        MemoryProfile.of(graph, specs).peak());
  }

  private static long macs(Graph graph, Map<String, TensorSpec> specs) {
    try {
      long macs = 0;
      for (Node node : graph.nodes()) {
        macs += GraphCosts.macs(node, specs, graph);
      }
      return macs;
    } catch (CostException e) {
      return -1;
    }
  }
}
