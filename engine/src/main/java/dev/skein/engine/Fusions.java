package dev.skein.engine;

import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Value;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Where ONNX Runtime's own fusions end. A model cut inside a fusion loses it: the pieces are
 * slower, and they round differently, which dynamic quantisation blows up to whole quantisation
 * steps. Cut at a boundary, the pieces run the very kernels that the whole model runs.
 */
public final class Fusions {
  private Fusions() {}

  /**
   * Values that still exist in the model as ONNX Runtime fuses it, its inputs included. Layouts of
   * the processor, which rename values, are left out of account. Half-precision values that it
   * keeps in float do not count: pieces would round there and the whole does not.
   *
   * @throws EngineException if the model cannot be opened
   */
  public static Set<String> boundaries(Model model) {
    return values(OptimisedModel.of(model, Optimization.EXTENDED));
  }

  private static Set<String> values(Model fused) {
    Set<String> values = new HashSet<>();
    fused.graph().inputs().stream().map(Value::name).forEach(values::add);
    fused.graph().nodes().stream().map(Node::outputs).flatMap(List::stream).forEach(values::add);
    return values;
  }
}
