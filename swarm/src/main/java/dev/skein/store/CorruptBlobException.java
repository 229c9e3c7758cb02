package dev.skein.store;

/** Bytes whose SHA-256 is not their address. */
final class CorruptBlobException extends StoreException {
  private static final long serialVersionUID = 1;

  CorruptBlobException(String message) {
    super(message);
  }
}
