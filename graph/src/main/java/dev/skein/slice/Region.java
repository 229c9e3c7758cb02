package dev.skein.slice;

import dev.skein.tensor.Tensor;

/**
 * Part of a value along one axis.
 *
 * @param from first index, inclusive
 * @param to last index, exclusive
 */
public record Region(int axis, long from, long to) {
  public Region {
    if (axis < 0 || from < 0 || to <= from) {
      throw new IllegalArgumentException(
          "region [%d, %d) of axis %d is empty or negative".formatted(from, to, axis));
    }
  }

  public long size() {
    return to - from;
  }

  /** That part of a tensor; a view if it is in one piece of memory, else a copy. */
  public Tensor of(Tensor whole) {
    return TensorParts.range(whole, axis, from, to);
  }
}
