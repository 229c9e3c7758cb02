package dev.skein.onnx;

import dev.skein.graph.OneLine;
import org.jspecify.annotations.Nullable;

/** An ONNX file that cannot be read or written; the one-line message names file and fault. */
public class OnnxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public OnnxException(String message) {
    super(OneLine.of(message));
  }

  public OnnxException(String message, @Nullable Throwable cause) {
    super(OneLine.of(message), cause);
  }
}
