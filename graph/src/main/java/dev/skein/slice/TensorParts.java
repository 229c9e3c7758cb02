package dev.skein.slice;

import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.stream.LongStream;

/** Parts of tensors along one axis, of any element type of whole bytes. */
public final class TensorParts {
  private TensorParts() {}

  /** Whether tensors of this kind can be taken apart: those with less than a byte each cannot. */
  static boolean canTake(Tensor tensor) {
    return tensor.type().bits() % 8 == 0;
  }

  /**
   * Indices {@code from} to {@code to}, exclusive; a view if they lie in one piece of memory.
   *
   * @throws IllegalArgumentException if the tensor does not have them
   */
  public static Tensor range(Tensor tensor, int axis, long from, long to) {
    return take(tensor, axis, LongStream.range(from, to).toArray());
  }

  /**
   * These indices of an axis, in this order; a view if they lie in one piece of memory.
   *
   * @throws IllegalArgumentException if the tensor does not have them
   */
  public static Tensor take(Tensor tensor, int axis, long... indices) {
    check(tensor, axis, indices);
    long[] dims = tensor.shape().toArray();
    long outer = product(dims, 0, axis);
    long stride = tensor.type().bytes(product(dims, axis + 1, dims.length));
    long block = stride * dims[axis];
    dims[axis] = indices.length;
    Shape shape = Shape.of(dims);
    if (outer == 1 && runFrom(indices, 0) == indices.length) {
      long start = indices.length == 0 ? 0 : indices[0] * stride;
      MemorySegment view = tensor.data().asSlice(start, indices.length * stride);
      return new Tensor(tensor.type(), shape, view);
    }
    Tensor part = Tensor.allocate(tensor.type(), shape);
    long at = 0;
    for (long i = 0; i < outer; i++) {
      for (int j = 0; j < indices.length; ) {
        int end = runFrom(indices, j);
        long bytes = (end - j) * stride;
        long start = i * block + indices[j] * stride;
        MemorySegment.copy(tensor.data(), start, part.data(), at, bytes);
        at += bytes;
        j = end;
      }
    }
    return part;
  }

  /** Where the run of neighbouring indices that begins at {@code start} ends. */
  private static int runFrom(long[] indices, int start) {
    int end = start + 1;
    while (end < indices.length && indices[end] == indices[end - 1] + 1) {
      end++;
    }
    return Math.min(end, indices.length);
  }

  private static void check(Tensor tensor, int axis, long[] indices) {
    boolean inside =
        axis >= 0
            && axis < tensor.shape().rank()
            && LongStream.of(indices).allMatch(i -> i >= 0 && i < tensor.shape().dim(axis));
    if (!inside || !canTake(tensor)) {
      throw new IllegalArgumentException(
          "%s has no such %d indices on axis %d".formatted(tensor, indices.length, axis));
    }
  }

  static long product(long[] dims, int from, int to) {
    long product = 1;
    for (int i = from; i < to; i++) {
      product *= dims[i];
    }
    return product;
  }
}
