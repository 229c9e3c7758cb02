package dev.skein.cost;

/** A cost cannot be known; the message is one line that names the node and the value at fault. */
public class CostException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public CostException(String message) {
    super(message);
  }
}
