package dev.skein.quantize;

import dev.skein.graph.OneLine;

/** A model that cannot be quantised as asked; one line that says why and what would do. */
public final class QuantizeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public QuantizeException(String message) {
    super(OneLine.of(message));
  }
}
