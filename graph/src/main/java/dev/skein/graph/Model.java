package dev.skein.graph;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A graph with what it needs to be read by others.
 *
 * @param opsets operator-set version by domain; the standard domain is the empty string
 * @param metadata free text that the model's author attached
 */
public record Model(
    Graph graph,
    long irVersion,
    Map<String, Long> opsets,
    Map<String, String> metadata,
    Opaque rest) {
  public Model {
    opsets = Collections.unmodifiableMap(new LinkedHashMap<>(opsets));
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  public Model with(Graph other) {
    return new Model(other, irVersion, opsets, metadata, rest);
  }
}
