package dev.skein.quantize;

/**
 * A calibration method with its parameter.
 *
 * @param percentile share of the values to keep, in percent; used by {@link
 *     CalibrationMethod#PERCENTILE} alone
 */
public record RangeRule(CalibrationMethod method, double percentile) {
  /** What cuts off single outliers and little else. */
  public static final double DEFAULT_PERCENTILE = 99.99;

  private static final double LEAST_PERCENTILE = 50;

  public RangeRule {
    if (!(percentile >= LEAST_PERCENTILE && percentile <= 100)) {
      throw new QuantizeException(
          "percentile is %s, but must be between 50 and 100".formatted(percentile));
    }
  }

  public static RangeRule of(CalibrationMethod method) {
    return new RangeRule(method, DEFAULT_PERCENTILE);
  }
}
