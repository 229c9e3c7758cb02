package dev.skein.slice;

import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/** Puts the results of pieces together. */
public final class Merges {
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort HALF =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Merges() {}

  /**
   * @param results one for each piece, in order
   * @throws IllegalArgumentException if there is none, their types or shapes do not fit, or they
   *     are to be added up and are not floating-point numbers
   */
  public static Tensor merge(Merge merge, List<Tensor> results) {
    if (results.isEmpty()) {
      throw new IllegalArgumentException("there are no results to merge");
    }
    return switch (merge) {
      case Merge.Concat(int axis) -> concat(axis, results);
      case Merge.Sum() -> sum(results);
    };
  }

  private static Tensor concat(int axis, List<Tensor> results) {
    Tensor first = results.getFirst();
    long[] dims = first.shape().toArray();
    if (axis < 0 || axis >= dims.length) {
      throw new IllegalArgumentException(first + " cannot be joined along axis " + axis);
    }
    for (Tensor other : results.subList(1, results.size())) {
      long[] more = other.shape().toArray();
      long size = more.length == dims.length ? more[axis] : 0;
      if (size > 0) {
        more[axis] = first.shape().dim(axis);
      }
      if (other.type() != first.type() || !Shape.of(more).equals(first.shape())) {
        throw new IllegalArgumentException(
            "%s and %s do not fit along axis %d".formatted(first, other, axis));
      }
      dims[axis] += size;
    }
    Tensor whole = Tensor.allocate(first.type(), Shape.of(dims));
    long outer = TensorParts.product(dims, 0, axis);
    long at = 0;
    for (long i = 0; i < outer; i++) {
      for (Tensor result : results) {
        long bytes = result.bytes() / outer;
        MemorySegment.copy(result.data(), i * bytes, whole.data(), at, bytes);
        at += bytes;
      }
    }
    return whole;
  }

  private static Tensor sum(List<Tensor> results) {
    Tensor first = results.getFirst();
    for (Tensor other : results) {
      if (other.type() != first.type() || !other.shape().equals(first.shape())) {
        throw new IllegalArgumentException(first + " and " + other + " cannot be added up");
      }
    }
    Tensor sum = Tensor.allocate(first.type(), first.shape());
    long count = first.shape().elements();
    MemorySegment to = sum.data();
    switch (first.type()) {
      case FLOAT -> {
        for (long i = 0; i < count; i++) {
          float total = 0;
          for (Tensor result : results) {
            total += result.data().getAtIndex(Tensor.FLOAT, i);
          }
          to.setAtIndex(Tensor.FLOAT, i, total);
        }
      }
      case DOUBLE -> {
        for (long i = 0; i < count; i++) {
          double total = 0;
          for (Tensor result : results) {
            total += result.data().getAtIndex(DOUBLE, i);
          }
          to.setAtIndex(DOUBLE, i, total);
        }
      }
      case FLOAT16 -> {
        for (long i = 0; i < count; i++) {
          float total = 0;
          for (Tensor result : results) {
            total += Float.float16ToFloat(result.data().getAtIndex(HALF, i));
          }
          to.setAtIndex(HALF, i, Float.floatToFloat16(total));
        }
      }
      default -> throw new IllegalArgumentException("partial sums of " + first + " are not known");
    }
    return sum;
  }
}
