package dev.skein.rewrite;

/** A pass failed; the one-line message names the pass, the node and the value at fault. */
public class RewriteException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public RewriteException(String message) {
    super(message.replaceAll("\\p{Cntrl}", " "));
  }

  public RewriteException(String message, Throwable cause) {
    super(message.replaceAll("\\p{Cntrl}", " "), cause);
  }
}
