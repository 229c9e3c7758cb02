package dev.skein.plan;

/** No plan can be made; the message is one line that names the value at fault and the way out. */
public class PlanException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public PlanException(String message) {
    super(message);
  }
}
