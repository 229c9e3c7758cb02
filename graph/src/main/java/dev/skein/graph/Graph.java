package dev.skein.graph;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An immutable data-flow graph; every node stands after the nodes whose outputs it reads.
 *
 * @param inputs values the caller gives; one that is also in {@code weights} has a default
 * @param outputs values the caller gets, in order
 * @param weights constants by name, in the file's order
 * @param annotations declared types of intermediate values
 */
public record Graph(
    String name,
    List<Value> inputs,
    List<Value> outputs,
    List<Node> nodes,
    Map<String, Weight> weights,
    List<Value> annotations,
    Opaque rest) {
  public Graph {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    nodes = List.copyOf(nodes);
    weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    annotations = List.copyOf(annotations);
  }

  /** Inputs that a caller must give: those without a default. */
  public List<Value> requiredInputs() {
    return inputs.stream().filter(input -> !weights.containsKey(input.name())).toList();
  }
}
