package dev.skein.quantize;

import dev.skein.graph.Attributes;
import dev.skein.graph.Node;
import dev.skein.rewrite.Scope;
import dev.skein.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A Relu or Clip that quantisation does by itself: bytes that reach from its lower to its upper
 * limit and no further cut off what is beyond.
 *
 * @param least at most 0
 * @param most at least 0
 */
record Activation(Node node, float least, float most) {
  /** The activation that alone reads a value; null if there is none that can be absorbed. */
  static @Nullable Activation behind(Scope scope, String value) {
    Node reader = scope.onlyReader(value);
    if (reader == null || !reader.input(0).equals(value)) {
      return null;
    }
    if (Scope.is(reader, "Relu")) {
      return new Activation(reader, 0, Float.MAX_VALUE);
    }
    if (!Scope.is(reader, "Clip")) {
      return null;
    }
    Float least = limit(scope, reader, "min", 1, -Float.MAX_VALUE);
    Float most = limit(scope, reader, "max", 2, Float.MAX_VALUE);
    // A range always holds zero, so limits that leave it out would not be kept.
    return least != null && most != null && least <= 0 && most >= 0
        ? new Activation(reader, least, most)
        : null;
  }

  private static @Nullable Float limit(
      Scope scope, Node clip, String attribute, int input, float otherwise) {
    String name = clip.input(input);
    if (name.isEmpty()) {
      return (float) Attributes.number(clip, attribute, otherwise);
    }
    Tensor constant = scope.floats(name);
    return constant != null && constant.shape().elements() == 1 ? constant.toFloats()[0] : null;
  }
}
