package dev.skein.graph;

/** Makes text from a file fit for one line of a message. */
public final class OneLine {
  private static final int MAX = 600;
  private static final int MAX_NAME = 80;

  private OneLine() {}

  /** Control characters replaced, cut to a readable length. */
  public static String of(String text) {
    return shorten(text, MAX);
  }

  /** A name from a file in quotes, shortened if it is absurdly long. */
  public static String quote(String name) {
    return "'" + shorten(name, MAX_NAME) + "'";
  }

  private static String shorten(String text, int max) {
    String kept = text.length() <= max ? text : text.substring(0, max) + "…";
    StringBuilder line = new StringBuilder(kept.length());
    kept.codePoints().map(OneLine::printable).forEach(line::appendCodePoint);
    return line.toString();
  }

  private static int printable(int c) {
    boolean breaks =
        switch (Character.getType(c)) {
          case Character.CONTROL,
              Character.LINE_SEPARATOR,
              Character.PARAGRAPH_SEPARATOR,
              Character.SURROGATE,
              Character.FORMAT ->
              true;
          default -> false;
        };
    return breaks ? '?' : c;
  }
}
