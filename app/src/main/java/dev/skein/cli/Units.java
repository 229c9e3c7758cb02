package dev.skein.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as people write them. */
final class Units {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,12})([kmg]?)b?");

  private Units() {}

  /**
   * Bytes of {@code 256m}, {@code 1g}, {@code 4096}; k, m and g are powers of 1,024.
   *
   * @throws UsageException naming the option
   */
  static long bytes(String option, String text) {
    Matcher matcher = SIZE.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new UsageException(option + " '" + text + "' is not a size such as 256m or 1g");
    }
    int shift =
        switch (matcher.group(2)) {
          case "k" -> 10;
          case "m" -> 20;
          case "g" -> 30;
          default -> 0;
        };
    long number = Long.parseLong(matcher.group(1));
    if (number > Long.MAX_VALUE >> shift) {
      throw new UsageException(option + " '" + text + "' is more than there can be");
    }
    return number << shift;
  }

  /** Bytes for people, in decimal units. */
  static String text(double bytes) {
    if (bytes >= 1e9) {
      return String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
    }
    if (bytes >= 1e6) {
      return String.format(Locale.ROOT, "%.2f MB", bytes / 1e6);
    }
    return bytes >= 1e3
        ? String.format(Locale.ROOT, "%.1f kB", bytes / 1e3)
        : String.format(Locale.ROOT, "%.0f B", bytes);
  }
}
