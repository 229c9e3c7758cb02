package dev.skein.slice;

/** Which rows of its input some rows of a node's output depend on. */
sealed interface RowRule {
  /** Output rows if the input has so many; 0 or less if there are none. */
  long rows(long input);

  /** The same rows as in every input. */
  record Same() implements RowRule {
    @Override
    public long rows(long input) {
      return input;
    }
  }

  /**
   * A window that moves down.
   *
   * @param extent rows under the window, dilation counted
   * @param before rows of padding above the input
   * @param after rows of padding below the input
   * @param ceil whether a last window may hang over the padding's end
   */
  record Window(long extent, long stride, long before, long after, boolean ceil)
      implements RowRule {
    @Override
    public long rows(long input) {
      long steps = input + before + after - extent;
      long rows = Math.floorDiv(steps + (ceil ? stride - 1 : 0), stride) + 1;
      // A window that would begin in the padding below does not count.
      return ceil && (rows - 1) * stride >= input + before ? rows - 1 : rows;
    }

    /** First input row under the first of these output rows; negative in the padding. */
    long first(long from) {
      return from * stride - before;
    }

    /** First input row below the last window of the output rows up to {@code to}, exclusive. */
    long end(long to) {
      return (to - 1) * stride - before + extent;
    }
  }
}
