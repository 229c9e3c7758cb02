package dev.skein.worker;

/** A request for work that this node refuses; the message is one line for the requester's user. */
public class WorkerException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public WorkerException(String message) {
    super(message);
  }
}
