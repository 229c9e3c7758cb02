package dev.skein.infer;

/** A request that got no answer; the message is one line that says why and what would help. */
public class InferenceException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public InferenceException(String message) {
    super(message);
  }
}
