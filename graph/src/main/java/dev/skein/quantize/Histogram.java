package dev.skein.quantize;

import java.util.Arrays;

/**
 * How often a value's numbers fall where, in one pass and bounded memory. Bins are equally wide,
 * their width a power of two; a number beyond the last makes every two neighbours one. Not
 * thread-safe.
 */
public final class Histogram {
  /** Bins on either side of zero; at least half of them are in use on one side. */
  static final int SIDE = 4096;

  /** Width of a bin in the beginning; 2^-126 is the least normal float. */
  private static final int LEAST_EXPONENT = -100;

  private long[] below = new long[0];
  private long[] above = new long[0];
  private int exponent = LEAST_EXPONENT;
  private long count;
  private float min = Float.POSITIVE_INFINITY;
  private float max = Float.NEGATIVE_INFINITY;

  /**
   * @throws QuantizeException if a number is infinite or none
   */
  public void add(float... values) {
    add(values, values.length);
  }

  /** Adds the first {@code length} of the values; fails like {@link #add(float...)}. */
  public void add(float[] values, int length) {
    float least = min;
    float most = max;
    for (int i = 0; i < length; i++) {
      float value = values[i];
      if (!(Math.abs(value) <= Float.MAX_VALUE)) {
        throw new QuantizeException("a value becomes " + value + " on the calibration data");
      }
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    if (length == 0) {
      return;
    }
    min = least;
    max = most;
    reach(Math.max(-least, most));
    float scale = Math.scalb(1f, -exponent);
    for (int i = 0; i < length; i++) {
      float value = values[i] * scale;
      if (value < 0) {
        below[(int) -value]++;
      } else {
        above[(int) value]++;
      }
    }
    count += length;
  }

  private void reach(float extent) {
    if (below.length == 0 && min < 0) {
      below = new long[SIDE];
    }
    if (above.length == 0) {
      above = new long[SIDE];
    }
    // The exponent of a float below 2^(e+1) is e; bins end at SIDE * 2^exponent.
    int wanted = Math.getExponent(extent) + 1 - Integer.numberOfTrailingZeros(SIDE);
    if (extent == 0 || wanted <= exponent) {
      return;
    }
    int shift = wanted - exponent;
    merge(below, shift);
    merge(above, shift);
    exponent = wanted;
  }

  private static void merge(long[] bins, int shift) {
    for (int i = 1; i < bins.length; i++) {
      int to = shift < Integer.SIZE - 1 ? i >> shift : 0;
      bins[to] += bins[i];
      if (to != i) {
        bins[i] = 0;
      }
    }
  }

  public long count() {
    return count;
  }

  /**
   * The range that a method chooses.
   *
   * @throws QuantizeException if nothing was seen
   */
  public Range range(RangeRule rule) {
    if (count == 0) {
      throw new QuantizeException("no calibration data: give at least one sample");
    }
    return switch (rule.method()) {
      case MIN_MAX -> new Range(min, max);
      case PERCENTILE -> percentile(rule.percentile());
      case ENTROPY -> entropy();
    };
  }

  private Range percentile(double percent) {
    long cut = (long) Math.floor(count * (100 - percent) / 200);
    return new Range(quantile(cut), -mirrored().quantile(cut)).within(min, max);
  }

  /** The lower end of the range that leaves out {@code cut} numbers below it. */
  private float quantile(long cut) {
    long left = cut;
    for (int bin = below.length - 1; bin >= 0; bin--) {
      left -= below[bin];
      if (left < 0) {
        return edge(-(bin + 1));
      }
    }
    for (int bin = 0; bin < above.length; bin++) {
      left -= above[bin];
      if (left < 0) {
        return edge(bin);
      }
    }
    return max;
  }

  private Histogram mirrored() {
    Histogram other = new Histogram();
    other.below = above;
    other.above = below;
    other.exponent = exponent;
    other.count = count;
    other.min = -max;
    other.max = -min;
    return other;
  }

  private Range entropy() {
    boolean signed = Arrays.stream(below).anyMatch(n -> n > 0);
    int bins = Divergence.bestThreshold(signed ? symmetric() : above, signed);
    float threshold = edge(bins);
    return new Range(-threshold, threshold).within(min, max);
  }

  /** Bins by distance from zero, of either sign. */
  private long[] symmetric() {
    long[] sum = below.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += above[i];
    }
    return sum;
  }

  private float edge(int bin) {
    return Math.clamp(Math.scalb((float) bin, exponent), -Float.MAX_VALUE, Float.MAX_VALUE);
  }
}
