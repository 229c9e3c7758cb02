package dev.skein.engine;

import dev.skein.graph.Attribute;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.tensor.ElementType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A model's inputs as ONNX Runtime's Java binding can give them.
 *
 * <p>Before: input x of uint16, uint32 or uint64. After: input x′ of the signed type of that width,
 * and x = Cast(x′), which keeps every bit.
 *
 * <p>Before: input w with a default, a weight. After: just the weight, so that ONNX Runtime may
 * fold and fuse it; the binding could not override it anyway.
 *
 * @param names name of the input of {@code model} by the name of the original one, where they
 *     differ
 */
record GivenInputs(Model model, Map<String, String> names) {
  static GivenInputs of(Model model) {
    Graph graph = model.graph();
    Map<String, String> names = new HashMap<>();
    List<Value> inputs = new ArrayList<>();
    List<Node> nodes = new ArrayList<>();
    for (Value input : graph.requiredInputs()) {
      TensorType type = input.type();
      ElementType signed = type == null ? null : signed(type.element());
      if (type == null || signed == null) {
        inputs.add(input);
        continue;
      }
      String name = input.name() + "/skein_signed";
      names.put(input.name(), name);
      inputs.add(Value.of(name, new TensorType(signed, type.dims())));
      nodes.add(
          Node.of("Cast", List.of(name), List.of(input.name()))
              .with("to", new Attribute.OfInt(type.element().code())));
    }
    nodes.addAll(graph.nodes());
    Graph changed =
        new Graph(
            graph.name(),
            inputs,
            graph.outputs(),
            nodes,
            graph.weights(),
            graph.annotations(),
            graph.rest());
    return new GivenInputs(inputs.equals(graph.inputs()) ? model : model.with(changed), names);
  }

  private static @Nullable ElementType signed(ElementType type) {
    return switch (type) {
      case UINT16 -> ElementType.INT16;
      case UINT32 -> ElementType.INT32;
      case UINT64 -> ElementType.INT64;
      default -> null;
    };
  }

  /** The type under which the memory of such an input is wrapped; the type itself for others. */
  static ElementType carrier(ElementType type) {
    ElementType signed = signed(type);
    return signed == null ? type : signed;
  }
}
