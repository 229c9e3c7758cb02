package dev.skein.infer;

import dev.skein.cost.ChainCosts;
import dev.skein.graph.Cut;
import dev.skein.graph.Model;
import dev.skein.graph.Segment;
import dev.skein.plan.Stage;
import dev.skein.tensor.TensorSpec;
import dev.skein.wire.BlobRef;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model made ready to be placed: its chain of segments with their costs, for one set of input
 * shapes.
 *
 * @param structure the model without its big weights, as a blob that this node can serve
 * @param cuts where it may be split; segment i lies between cuts i and i+1
 * @param specs types and shapes of the values at the cuts
 */
public record Workload(
    Model model,
    BlobRef structure,
    List<Cut> cuts,
    ChainCosts costs,
    Map<String, TensorSpec> specs) {
  public Workload {
    cuts = List.copyOf(cuts);
    specs = Map.copyOf(specs);
  }

  Segment segment(Stage stage) {
    return new Segment(cuts.get(stage.from()), cuts.get(stage.to()));
  }

  /** Shapes of the values that arrive at a stage. */
  Map<String, TensorSpec> sample(Stage stage) {
    Map<String, TensorSpec> sample = new LinkedHashMap<>();
    for (String value : cuts.get(stage.from()).values()) {
      TensorSpec spec = specs.get(value);
      if (spec == null) {
        throw new InferenceException("value '" + value + "' at a cut has no known shape");
      }
      sample.put(value, spec);
    }
    return sample;
  }

  /** Milliseconds of a stage on the reference device. */
  double referenceMillis(Stage stage) {
    return costs.segments().subList(stage.from(), stage.to()).stream()
        .mapToDouble(segment -> segment.referenceMillis())
        .sum();
  }
}
