package dev.skein.wire;

/**
 * A piece of content by its address.
 *
 * @param sha256 64 lower-case hexadecimal digits
 * @param bytes how long the content is
 */
public record BlobRef(String sha256, long bytes) {
  private static final int DIGITS = 64;

  public BlobRef {
    requireAddress(sha256);
    if (bytes < 0) {
      throw new IllegalArgumentException("a blob of " + bytes + " bytes cannot be");
    }
  }

  /**
   * @throws IllegalArgumentException if {@code text} is not 64 lower-case hexadecimal digits; this
   *     also keeps anything else out of file names
   */
  public static String requireAddress(String text) {
    boolean good = text.length() == DIGITS;
    for (int i = 0; good && i < DIGITS; i++) {
      char c = text.charAt(i);
      good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }
    if (!good) {
      throw new IllegalArgumentException(
          "'%s' is not a SHA-256 address of 64 lower-case hexadecimal digits"
              .formatted(OneLine.of(text, DIGITS)));
    }
    return text;
  }

  @Override
  public String toString() {
    return sha256.substring(0, 12) + " (" + bytes + " bytes)";
  }
}
