package dev.skein.node;

import dev.skein.cost.ChainCosts;
import dev.skein.cost.GraphCosts;
import dev.skein.engine.Fusions;
import dev.skein.engine.OperatorProfile;
import dev.skein.engine.ShapeProbe;
import dev.skein.graph.Cut;
import dev.skein.graph.Cuts;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.TensorType;
import dev.skein.tensor.Tensor;
import dev.skein.tensor.TensorSpec;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a model costs on this device, segment by segment, for one set of input shapes.
 *
 * @param model the model with the types of all values declared, which pieces of it need
 * @param cuts where it may be split; segment i lies between cuts i and i+1
 * @param specs types and shapes of all values
 * @param nodeMillis time of each of the graph's nodes
 */
public record Survey(
    Model model,
    List<Cut> cuts,
    ChainCosts costs,
    Map<String, TensorSpec> specs,
    List<Double> nodeMillis) {
  /** Wider frontiers move more than they save. */
  private static final int MAX_CUT_WIDTH = 4;

  private static final int PROFILE_RUNS = 7;

  /** The model with element type and rank of every value declared; sizes stay open. */
  public static Model typed(Model model, Map<String, TensorSpec> specs) {
    Map<String, TensorType> types = new HashMap<>();
    specs.forEach(
        (name, spec) -> types.put(name, TensorType.ofRank(spec.type(), spec.shape().rank())));
    return model.with(model.graph().annotated(types));
  }

  /**
   * Cuts of few values that split no fusion of the engine, so that the pieces give the same. A
   * quantised value is cut while it is integers: dequantised, it would be four times the bytes and
   * part the integer kernel that reads it from its scale.
   */
  public static List<Cut> cuts(Model model) {
    List<Cut> cuts = Cuts.of(model.graph(), MAX_CUT_WIDTH);
    Set<String> whole = Fusions.boundaries(model);
    for (Node node : model.graph().nodes()) {
      if (node.op().equals("DequantizeLinear")) {
        node.outputs().forEach(whole::remove);
      }
    }
    Cut exit = cuts.getLast();
    return cuts.stream()
        .filter(cut -> cut.equals(exit) || whole.containsAll(cut.values()))
        .toList();
  }

  /**
   * Runs the model to find out.
   *
   * @param inputs a sample of what it will be asked
   */
  public static Survey of(Model model, Map<String, Tensor> inputs) {
    Map<String, TensorSpec> specs = ShapeProbe.probe(model, inputs);
    Model typed = typed(model, specs);
    List<Cut> cuts =
        cuts(model).stream().filter(cut -> specs.keySet().containsAll(cut.values())).toList();
    double[] millis = new double[model.graph().nodes().size()];
    for (OperatorProfile.NodeTime time : OperatorProfile.measure(model, inputs, PROFILE_RUNS)) {
      millis[time.node()] = time.millis();
    }
    ChainCosts costs = GraphCosts.chain(model.graph(), cuts, specs, millis);
    return new Survey(typed, cuts, costs, specs, Arrays.stream(millis).boxed().toList());
  }
}
