package dev.skein.engine;

import dev.skein.graph.Graph;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Tensor;
import dev.skein.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Holds what a caller gives against what a graph declares. */
final class InputCheck {
  private final Map<String, TensorType> types = new LinkedHashMap<>();

  InputCheck(Graph graph) {
    for (Value input : graph.requiredInputs()) {
      TensorType type = input.type();
      if (type == null) {
        throw new EngineException(
            "input '%s' of model '%s' has no tensor type; declare one, or feed it from a tensor"
                .formatted(input.name(), graph.name()));
      }
      requireSupported("input", input.name(), type.element());
      types.put(input.name(), type);
    }
  }

  static void requireSupported(String role, String name, ElementType type) {
    if (Tensors.wrapper(OrtForm.carrier(type)) == null) {
      throw new EngineException(
          "%s '%s' holds %s, which cannot be passed to ONNX Runtime; use float, double, float16,"
                  .formatted(role, name, type)
              + " bfloat16, bool or an integer of 8 to 64 bits there");
    }
  }

  /**
   * @return what was given, in the order of the declared inputs
   * @throws EngineException naming the input that is missing, unknown, or of the wrong type
   */
  List<TensorSpec> check(Map<String, Tensor> given) {
    List<TensorSpec> specs = new ArrayList<>(types.size());
    types.forEach((name, wanted) -> {
      Tensor tensor = given.get(name);
      if (tensor == null) {
        throw new EngineException("input '" + name + "' is missing: it wants " + wanted);
      }
      if (!wanted.accepts(tensor.type(), tensor.shape())) {
        throw new EngineException(
            "input '%s' wants %s, but was given %s".formatted(name, wanted, tensor));
      }
      specs.add(TensorSpec.of(tensor));
    });
    if (given.size() > types.size()) {
      for (String name : given.keySet()) {
        if (!types.containsKey(name)) {
          throw new EngineException("the model has no input '" + name + "'; " + known());
        }
      }
    }
    return specs;
  }

  private String known() {
    return "it has "
        + types.entrySet().stream()
            .map(entry -> "'" + entry.getKey() + "' " + entry.getValue())
            .collect(Collectors.joining(", "));
  }
}
