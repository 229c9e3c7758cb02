package dev.skein.cli;

/** Options that do not go together; the message is one line. Exit code 2. */
public class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public UsageException(String message) {
    super(message);
  }
}
