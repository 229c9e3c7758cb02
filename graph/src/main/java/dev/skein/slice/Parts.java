package dev.skein.slice;

import dev.skein.graph.Weight;
import dev.skein.rewrite.Scope;
import dev.skein.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** Collects parts of weights under names that the graph does not have yet. */
final class Parts {
  private final Scope scope;
  private final Map<String, Weight> weights = new LinkedHashMap<>();

  Parts(Scope scope) {
    this.scope = scope;
  }

  Map<String, Weight> weights() {
    return weights;
  }

  /**
   * @param weight a constant of the scope
   * @return the part's name
   */
  String take(String weight, int axis, long[] indices) {
    Tensor whole = scope.constant(weight);
    if (whole == null) {
      throw new IllegalArgumentException("'" + weight + "' is no constant at hand");
    }
    return add(weight, TensorParts.take(whole, axis, indices));
  }

  String add(String stem, Tensor tensor) {
    String name = scope.fresh(stem);
    weights.put(name, new Weight.Held(tensor));
    return name;
  }
}
