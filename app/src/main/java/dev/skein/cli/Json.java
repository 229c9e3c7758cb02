package dev.skein.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** What {@code --json} prints: one object on one line, the last of standard output. */
public final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .disable(SerializationFeature.INDENT_OUTPUT)
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .build();

  private Json() {}

  /**
   * Records, maps, lists, strings and numbers as one line of JSON, without a line feed. A record's
   * component {@code latencyMsP50} is the field {@code latency_ms_p50}.
   */
  public static String line(Object value) {
    return MAPPER.writeValueAsString(value);
  }

  /** A record as a row of an experiment: its components by name, as {@link #line} writes them. */
  public static Map<String, Object> row(Record row) {
    return MAPPER.convertValue(row, new TypeReference<LinkedHashMap<String, Object>>() {});
  }
}
