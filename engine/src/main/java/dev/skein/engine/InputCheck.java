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
  private final List<String> required;

  InputCheck(Graph graph, List<Value> inputs) {
    for (Value input : inputs) {
      TensorType type = input.type();
      if (type == null) {
        throw new EngineException(
            "input '%s' of model '%s' has no tensor type; declare one, or feed it from a tensor"
                .formatted(input.name(), graph.name()));
      }
      requireSupported("input", input.name(), type.element());
      types.put(input.name(), type);
    }
    this.required = graph.requiredInputs().stream().map(Value::name).toList();
  }

  static void requireSupported(String role, String name, ElementType type) {
    switch (type) {
      case FLOAT, DOUBLE, FLOAT16, BFLOAT16, BOOL -> {}
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64 -> {}
      case STRING, COMPLEX64, COMPLEX128, UINT4, INT4, FLOAT4E2M1 -> refuse(role, name, type);
      case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ -> refuse(role, name, type);
    }
  }

  private static void refuse(String role, String name, ElementType type) {
    throw new EngineException(
        "%s '%s' holds %s, which cannot be passed to ONNX Runtime; use float, double, float16,"
                .formatted(role, name, type)
            + " bfloat16, bool or an integer of 8 to 64 bits there");
  }

  void check(Map<String, Tensor> given) {
    for (String name : required) {
      if (!given.containsKey(name)) {
        throw new EngineException("input '" + name + "' is missing: it wants " + types.get(name));
      }
    }
    given.forEach((name, tensor) -> {
      TensorType wanted = types.get(name);
      if (wanted == null) {
        throw new EngineException("the model has no input '" + name + "'; " + known());
      }
      if (!wanted.accepts(tensor.type(), tensor.shape())) {
        throw new EngineException(
            "input '%s' wants %s, but was given %s".formatted(name, wanted, tensor));
      }
    });
  }

  /** What was given, in the order of the declared inputs; those left out are not in it. */
  List<TensorSpec> specs(Map<String, Tensor> given) {
    List<TensorSpec> specs = new ArrayList<>(given.size());
    for (String name : types.keySet()) {
      Tensor tensor = given.get(name);
      if (tensor != null) {
        specs.add(TensorSpec.of(tensor));
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
