package dev.skein.cli;

import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** What {@code --json} prints: one object on one line, the last of standard output. */
public final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().disable(SerializationFeature.INDENT_OUTPUT).build();

  private Json() {}

  /** Records, maps, lists, strings and numbers as one line of JSON, without a line feed. */
  public static String line(Object value) {
    return MAPPER.writeValueAsString(value);
  }
}
