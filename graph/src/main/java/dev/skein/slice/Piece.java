package dev.skein.slice;

import dev.skein.graph.Model;
import dev.skein.graph.Value;
import dev.skein.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model of its own that computes part of what the whole does, with its share of the weights.
 *
 * @param model its inputs have the names of the whole's values; its one output too
 * @param inputs what part of an input it takes; an input that is not named here is taken whole
 */
public record Piece(Model model, Map<String, Region> inputs) {
  public Piece {
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
  }

  /**
   * What to run the model on.
   *
   * @param whole at least the values that the piece reads, whole
   * @throws IllegalArgumentException if one is missing
   */
  public Map<String, Tensor> cut(Map<String, Tensor> whole) {
    Map<String, Tensor> cut = new LinkedHashMap<>();
    for (Value input : model.graph().requiredInputs()) {
      String name = input.name();
      Tensor tensor = whole.get(name);
      if (tensor == null) {
        throw new IllegalArgumentException("value '" + name + "' is missing; the piece reads it");
      }
      Region region = inputs.get(name);
      cut.put(name, region == null ? tensor : region.of(tensor));
    }
    return cut;
  }
}
