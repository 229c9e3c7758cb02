package dev.skein.graph;

/** A graph that breaks a rule; the one-line message names the node and the value. */
public class GraphException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public GraphException(String message) {
    super(OneLine.of(message));
  }
}
