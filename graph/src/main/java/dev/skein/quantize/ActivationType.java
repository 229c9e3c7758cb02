package dev.skein.quantize;

import dev.skein.tensor.ElementType;

/**
 * What activations are held in. ONNX Runtime's kernels for x86 take unsigned ones only (its QDQ
 * fusions leave signed ones in float around additions), and on Arm both are as fast.
 */
public enum ActivationType {
  UINT8(ElementType.UINT8, 0),
  INT8(ElementType.INT8, -128);

  /** Steps between the least and the greatest number. */
  static final int STEPS = 255;

  private final ElementType element;
  private final int least;

  ActivationType(ElementType element, int least) {
    this.element = element;
    this.least = least;
  }

  ElementType element() {
    return element;
  }

  int least() {
    return least;
  }
}
