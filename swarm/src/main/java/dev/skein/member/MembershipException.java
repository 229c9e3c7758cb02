package dev.skein.member;

/** A node cannot join, or was told something about itself or others that cannot be; one line. */
public class MembershipException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public MembershipException(String message) {
    super(message);
  }

  public MembershipException(String message, Throwable cause) {
    super(message, cause);
  }
}
