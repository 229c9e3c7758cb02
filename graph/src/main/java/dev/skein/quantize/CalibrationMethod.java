package dev.skein.quantize;

/** How a range is chosen from what was seen of a value. */
public enum CalibrationMethod {
  /** Everything that was seen. */
  MIN_MAX,
  /** All but an equal share of the values at either end. */
  PERCENTILE,
  /**
   * The range whose quantised values tell most about the original ones: least Kullback–Leibler
   * divergence. Method: S. Migacz, "8-bit inference with TensorRT", GTC 2017; in MXNet's form for
   * values of either sign.
   */
  ENTROPY
}
