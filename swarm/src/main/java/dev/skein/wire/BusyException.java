package dev.skein.wire;

/** A refusal only for now: the peer may try again. */
final class BusyException extends WireException {
  private static final long serialVersionUID = 1;

  BusyException(String message) {
    super(message);
  }
}
