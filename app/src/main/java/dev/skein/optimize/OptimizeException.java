package dev.skein.optimize;

/** A model cannot be optimised as asked; the message is one line that names what is at fault. */
public class OptimizeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public OptimizeException(String message) {
    super(message);
  }

  public OptimizeException(String message, Throwable cause) {
    super(message, cause);
  }
}
