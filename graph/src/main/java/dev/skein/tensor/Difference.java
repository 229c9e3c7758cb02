package dev.skein.tensor;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Map;

/** How far one result of a model is from another. */
public final class Difference {
  /** Sums of rounding in another order stay far below this share of an output's range. */
  public static final double TOLERANCE = 1e-4;

  private static final ValueLayout.OfShort INT16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble FLOAT64 =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Difference() {}

  /**
   * The greatest absolute difference of any output, relative to that output's range of finite
   * values; infinite where only one of two values is infinite or no number; 1 for values that are
   * not floats and differ at all, or for a missing or misshapen output.
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
    if (!isFloating(expected.type())) {
      return expected.data().mismatch(actual.data()) < 0 ? 0 : 1;
    }
    double least = Double.POSITIVE_INFINITY;
    double greatest = Double.NEGATIVE_INFINITY;
    double worst = 0;
    for (long i = 0; i < expected.shape().elements(); i++) {
      double want = value(expected, i);
      double got = value(actual, i);
      if (Double.isFinite(want)) {
        least = Math.min(least, want);
        greatest = Math.max(greatest, want);
      }
      if (Double.compare(want, got) == 0) {
        continue;
      }
      double difference = Math.abs(want - got);
      worst = Double.isFinite(difference) ? Math.max(worst, difference) : Double.POSITIVE_INFINITY;
    }
    return worst == 0 ? 0 : worst / Math.max(greatest - least, (double) Float.MIN_NORMAL);
  }

  private static boolean isFloating(ElementType type) {
    return type == ElementType.FLOAT || type == ElementType.FLOAT16 || type == ElementType.DOUBLE;
  }

  private static double value(Tensor tensor, long index) {
    return switch (tensor.type()) {
      case FLOAT -> tensor.data().getAtIndex(Tensor.FLOAT, index);
      case FLOAT16 -> Float.float16ToFloat(tensor.data().getAtIndex(INT16, index));
      default -> tensor.data().getAtIndex(FLOAT64, index);
    };
  }
}
