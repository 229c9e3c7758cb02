package dev.skein.rewrite;

import dev.skein.graph.Patch;
import dev.skein.graph.Weight;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** Reads weights and makes new ones: computed in double, stored in single precision. */
final class Numbers {
  private static final ValueLayout.OfInt INT32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  // Nothing that is copied as a whole comes near this.
  private static final long MOST_NUMBERS = 1 << 27;

  private Numbers() {}

  /** What becomes of the element at a row-major index. */
  @FunctionalInterface
  interface Change {
    double apply(long index, double value);
  }

  static double[] of(Tensor floats) {
    double[] values = new double[Math.toIntExact(floats.shape().elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = at(floats, i);
    }
    return values;
  }

  static double at(Tensor floats, long index) {
    return floats.data().getAtIndex(Tensor.FLOAT, index);
  }

  /** A constant of single-precision numbers as doubles; null for anything else. */
  static double @Nullable [] floats(Scope scope, String value) {
    Tensor tensor = scope.floats(value);
    return tensor == null || tensor.shape().elements() > MOST_NUMBERS ? null : of(tensor);
  }

  /** The one number of a constant of single precision, of whatever rank; null for anything else. */
  static @Nullable Double scalar(Scope scope, String value) {
    Tensor tensor = scope.floats(value);
    return tensor == null || tensor.shape().elements() != 1 ? null : (Double) at(tensor, 0);
  }

  /** A constant of 32- or 64-bit integers; null for anything else. */
  static long @Nullable [] integers(Scope scope, String value) {
    Tensor tensor = scope.constant(value);
    if (tensor == null || tensor.shape().elements() > MOST_NUMBERS) {
      return null;
    }
    MemorySegment data = tensor.data();
    long[] values = new long[Math.toIntExact(tensor.shape().elements())];
    switch (tensor.type()) {
      case INT64 -> MemorySegment.copy(data, Tensor.INT64, 0, values, 0, values.length);
      case INT32 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = data.getAtIndex(INT32, i);
        }
      }
      default -> {
        return null;
      }
    }
    return values;
  }

  /** A changed copy. Nothing of the size of the weight is held beside it. */
  static Tensor map(Tensor floats, Change change) {
    Tensor changed = Tensor.allocate(ElementType.FLOAT, floats.shape());
    long count = floats.shape().elements();
    for (long i = 0; i < count; i++) {
      changed.data().setAtIndex(Tensor.FLOAT, i, (float) change.apply(i, at(floats, i)));
    }
    return changed;
  }

  static Tensor tensor(Shape shape, double... values) {
    float[] singles = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      singles[i] = (float) values[i];
    }
    return Tensor.ofFloats(shape, singles);
  }

  /**
   * Adds a weight under a name that nothing has.
   *
   * @return the name
   */
  static String add(Scope scope, Patch patch, String stem, Tensor values) {
    String name = scope.fresh(stem);
    patch.weight(name, new Weight.Held(values));
    return name;
  }

  /** Whether all of them stay finite in single precision. */
  static boolean fit(double... values) {
    for (double value : values) {
      if (!Float.isFinite((float) value)) {
        return false;
      }
    }
    return true;
  }
}
