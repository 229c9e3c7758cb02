package dev.skein.wire;

/** A call to another node that failed; the message is one line that begins with its address. */
public class PeerException extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final boolean retryable;

  PeerException(String message, boolean retryable, Throwable cause) {
    super(message, cause);
    this.retryable = retryable;
  }

  /**
   * True if the node could not be reached, did not answer in time or had no room, so that it may
   * work later or elsewhere; false if it answered and refused.
   */
  public boolean retryable() {
    return retryable;
  }
}
