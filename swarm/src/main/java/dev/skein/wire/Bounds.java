package dev.skein.wire;

import java.util.function.Supplier;

/** Checks of single fields; each fails with one line that names field and value. */
final class Bounds {
  private Bounds() {}

  /** Reads something from outside; whatever it breaks becomes a refusal. */
  static <T> T checked(String what, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new WireException("unusable " + what + ": " + OneLine.of(e), e);
    }
  }

  static void count(String what, int count, int max) {
    if (count > max) {
      throw new WireException(count + " " + what + " are above the limit of " + max);
    }
  }

  static String name(String what, String name) {
    if (name.isEmpty() || name.length() > WireLimits.NAME_CHARS) {
      throw new WireException(
          "%s name of %d characters is not in 1..%d"
              .formatted(what, name.length(), WireLimits.NAME_CHARS));
    }
    return name;
  }

  /** A duration or a rate. */
  static double amount(String what, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new WireException(what + " of " + value + " cannot be");
    }
    return value;
  }

  /** A count of bytes, or a number that counts up. */
  static long size(String what, long value) {
    if (value < 0) {
      throw new WireException(what + " of " + value + " cannot be");
    }
    return value;
  }

  static int number(String what, int value) {
    return (int) size(what, value);
  }
}
