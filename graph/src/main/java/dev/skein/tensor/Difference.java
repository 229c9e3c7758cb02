package dev.skein.tensor;

import java.util.Map;

/** How far one result of a model is from another. */
public final class Difference {
  /** Sums of rounding in another order stay far below this share of an output's range. */
  public static final double TOLERANCE = 1e-4;

  private Difference() {}

  /**
   * The greatest absolute difference of any output, relative to that output's range; 1 for values
   * that are not floats and differ at all, or for a missing or misshapen output.
   */
  public static double of(Map<String, Tensor> expected, Map<String, Tensor> actual) {
    double worst = expected.keySet().equals(actual.keySet()) ? 0 : 1;
    for (Map.Entry<String, Tensor> entry : expected.entrySet()) {
      Tensor other = actual.get(entry.getKey());
      worst = Math.max(worst, other == null ? 1 : of(entry.getValue(), other));
    }
    return worst;
  }

  private static double of(Tensor expected, Tensor actual) {
    if (expected.type() != actual.type() || !expected.shape().equals(actual.shape())) {
      return 1;
    }
    if (expected.type() != ElementType.FLOAT) {
      return expected.data().mismatch(actual.data()) < 0 ? 0 : 1;
    }
    float[] want = expected.toFloats();
    float[] got = actual.toFloats();
    double least = Double.POSITIVE_INFINITY;
    double greatest = Double.NEGATIVE_INFINITY;
    double worst = 0;
    for (int i = 0; i < want.length; i++) {
      least = Math.min(least, want[i]);
      greatest = Math.max(greatest, want[i]);
      if (Float.compare(want[i], got[i]) == 0) {
        continue;
      }
      double difference = Math.abs((double) want[i] - got[i]);
      worst = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(worst, difference);
    }
    return worst == 0 ? 0 : worst / Math.max(greatest - least, Float.MIN_NORMAL);
  }
}
