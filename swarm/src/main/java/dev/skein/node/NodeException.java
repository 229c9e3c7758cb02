package dev.skein.node;

/** Something asked of a swarm that it cannot do now; the message is one line. */
public class NodeException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public NodeException(String message) {
    super(message);
  }
}
