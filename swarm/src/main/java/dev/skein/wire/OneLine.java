package dev.skein.wire;

import org.jspecify.annotations.Nullable;

/** Text from outside or from an exception, made fit for one line of a message. */
final class OneLine {
  /** Longest message that crosses the wire; below the limit for HTTP/2 trailers. */
  static final int MESSAGE = 500;

  private OneLine() {}

  static String of(Throwable cause) {
    String message = cause.getMessage();
    return of(message == null || message.isBlank() ? cause.getClass().getSimpleName() : message);
  }

  static String of(@Nullable String text) {
    return of(text, MESSAGE);
  }

  /** Control characters become blanks; what is above {@code max} characters is cut off. */
  static String of(@Nullable String text, int max) {
    if (text == null) {
      return "";
    }
    String head = text.length() <= max ? text : text.substring(0, max) + "…";
    return head.replaceAll("\\p{Cntrl}+", " ").strip();
  }
}
