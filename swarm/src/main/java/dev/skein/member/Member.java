package dev.skein.member;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What a node says of itself.
 *
 * @param id stable UUID text
 * @param name for people; 1 to 64 printable characters
 * @param host where the node's data port is reached
 * @param port the data port; 0 if the node has none
 * @param facts at most 32 of at most 64 (key) and 512 (value) printable characters, in order
 */
public record Member(String id, String name, String host, int port, Map<String, String> facts) {
  static final int MAX_NAME = 64;
  static final int MAX_HOST = 255;
  static final int MAX_FACTS = 32;
  static final int MAX_KEY = 64;
  static final int MAX_VALUE = 512;
  private static final Pattern UUID_TEXT =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

  public Member {
    facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    if (!isId(id)) {
      throw new MembershipException("node id '" + shown(id) + "' is not a UUID in lower case");
    }
    require("node name", name, 1, MAX_NAME);
    require("host", host, 1, MAX_HOST);
    if (port < 0 || port > 65535) {
      throw new MembershipException("data port " + port + " is not between 0 and 65535");
    }
    if (facts.size() > MAX_FACTS) {
      throw new MembershipException(
          facts.size() + " facts about node " + name + " are more than " + MAX_FACTS);
    }
    facts.forEach((key, value) -> {
      require("fact name", key, 1, MAX_KEY);
      require("fact '" + shown(key) + "'", value, 0, MAX_VALUE);
    });
  }

  static boolean isId(String text) {
    return UUID_TEXT.matcher(text).matches();
  }

  /** Whether the text is safe on a terminal and in a log. */
  static boolean isPlain(String text) {
    return text.codePoints()
        .allMatch(c ->
            switch (Character.getType(c)) {
              case Character.CONTROL,
                  Character.FORMAT,
                  Character.SURROGATE,
                  Character.LINE_SEPARATOR,
                  Character.PARAGRAPH_SEPARATOR ->
                  false;
              default -> true;
            });
  }

  /** The text as it may stand in a message: printable and short. */
  static String shown(String text) {
    String cut = text.length() > 40 ? text.substring(0, 40) + "…" : text;
    StringBuilder plain = new StringBuilder();
    cut.codePoints()
        .forEach(c -> plain.appendCodePoint(isPlain(Character.toString(c)) ? c : '\uFFFD'));
    return plain.toString();
  }

  private static void require(String what, String text, int min, int max) {
    if (text.length() < min || text.length() > max || !isPlain(text)) {
      throw new MembershipException(
          "%s '%s' is not %d to %d printable characters".formatted(what, shown(text), min, max));
    }
  }
}
