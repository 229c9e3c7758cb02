package dev.skein.rewrite;

import dev.skein.graph.Attribute;
import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import dev.skein.graph.Weight;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Values written into nodes become weights, where other passes find them.
 *
 * <pre>
 * Before: c = Constant() value=…; y = Op(x, c)
 * After: weight c; y = Op(x, c)
 * Conditions: numbers, not text and not sparse; the caller does not get c.
 * Formula: c stays what it is. value_float and value_int give scalars, value_floats and value_ints
 *   one axis.
 * </pre>
 */
public final class ConstantsToWeights implements Rewrite {
  @Override
  public String name() {
    return "constants-to-weights";
  }

  @Override
  public Patch find(Scope scope) {
    Patch patch = new Patch();
    for (Node node : scope.nodes()) {
      if (!Scope.is(node, "Constant") || node.outputs().size() != 1) {
        continue;
      }
      String value = node.outputs().getFirst();
      Weight weight = weight(node);
      if (weight != null && !scope.isOutput(value)) {
        patch.remove(node).weight(value, weight);
      }
    }
    return patch;
  }

  private static @Nullable Weight weight(Node node) {
    for (Attribute attribute : node.attributes().values()) {
      Weight weight =
          switch (attribute) {
            case Attribute.OfTensor(Weight value) ->
                value.type().element() == ElementType.STRING ? null : value;
            case Attribute.OfFloat(float value) -> held(Tensor.ofFloats(Shape.of(), value));
            case Attribute.OfInt(long value) -> held(Tensor.ofLongs(Shape.of(), value));
            case Attribute.OfFloats(List<Float> values) -> held(floats(values));
            case Attribute.OfInts(List<Long> values) ->
                held(
                    Tensor.ofLongs(
                        Shape.of(values.size()),
                        values.stream().mapToLong(Long::longValue).toArray()));
            default -> null;
          };
      if (weight != null) {
        return weight;
      }
    }
    return null;
  }

  private static Weight held(Tensor tensor) {
    return new Weight.Held(tensor);
  }

  private static Tensor floats(List<Float> values) {
    Tensor tensor = Tensor.allocate(ElementType.FLOAT, Shape.of(values.size()));
    for (int i = 0; i < values.size(); i++) {
      tensor.data().setAtIndex(Tensor.FLOAT, i, values.get(i));
    }
    return tensor;
  }
}
