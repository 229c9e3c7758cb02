package dev.skein.demo;

/** A demonstration that could not go on; the message is one line. */
public class DemoException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public DemoException(String message) {
    super(message);
  }
}
