package dev.skein.quantize;

/**
 * How a byte stands for a number: {@code number = scale * (byte - zero)}.
 *
 * @param zero the byte that stands for 0
 */
record Scale(float scale, int zero) {
  /** The finest scale whose bytes reach from end to end of a range, zero among them. */
  static Scale of(Range range, ActivationType type) {
    Range all = range.withZero();
    double step = ((double) all.max() - all.min()) / ActivationType.STEPS;
    if (step < Float.MIN_NORMAL) {
      // Nothing but zero, which any scale holds.
      step = 1;
    }
    long zero = Math.round(-all.min() / step);
    return new Scale((float) step, Math.clamp(zero, 0, ActivationType.STEPS) + type.least());
  }
}
