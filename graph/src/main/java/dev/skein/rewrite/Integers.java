package dev.skein.rewrite;

import dev.skein.graph.Weight;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** Small integer constants: axes, sizes, permutations. */
final class Integers {
  private static final ValueLayout.OfInt INT32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int MOST = 64;

  private Integers() {}

  /** A constant of at most 64 integers of 32 or 64 bits; null for anything else. */
  static long @Nullable [] of(Scope scope, String value) {
    Tensor tensor = scope.constant(value);
    if (tensor == null || tensor.shape().elements() > MOST) {
      return null;
    }
    long[] values = new long[(int) tensor.shape().elements()];
    for (int i = 0; i < values.length; i++) {
      switch (tensor.type()) {
        case INT64 -> values[i] = tensor.data().getAtIndex(Tensor.INT64, i);
        case INT32 -> values[i] = tensor.data().getAtIndex(INT32, i);
        default -> {
          return null;
        }
      }
    }
    return values;
  }

  /** A weight of {@code INT64}, or of {@code INT32} into which the values fit. */
  static Weight weight(ElementType type, Shape shape, long... values) {
    if (type == ElementType.INT64) {
      return new Weight.Held(Tensor.ofLongs(shape, values));
    }
    Tensor tensor = Tensor.allocate(ElementType.INT32, shape);
    for (int i = 0; i < values.length; i++) {
      tensor.data().setAtIndex(INT32, i, Math.toIntExact(values[i]));
    }
    return new Weight.Held(tensor);
  }

  /** A list of sizes, as Reshape takes it. */
  static Weight sizes(long... values) {
    return weight(ElementType.INT64, Shape.of(values.length), values);
  }
}
