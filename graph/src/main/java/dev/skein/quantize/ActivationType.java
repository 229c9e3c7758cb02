package dev.skein.quantize;

import dev.skein.tensor.ElementType;

/**
 * What activations are held in. With weights of signed bytes, unsigned ones are what ONNX Runtime
 * has kernels for on x86; its fusions leave signed ones in floats around additions there. On Arm it
 * has kernels for either.
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
