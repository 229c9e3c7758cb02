package dev.skein.graph;

import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

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

  /**
   * Values that a body takes from the scopes around it, each once. A name that the body itself
   * defines is never such a value, wherever the definition stands.
   */
  public List<String> captures() {
    Set<String> reads = new LinkedHashSet<>();
    nodes.forEach(node -> reads.addAll(node.reads()));
    outputs.forEach(output -> reads.add(output.name()));
    reads.removeAll(defined());
    return List.copyOf(reads);
  }

  /** Every name that inputs, weights and nodes define. */
  Set<String> defined() {
    Set<String> names = new HashSet<>(weights.keySet());
    inputs.forEach(input -> names.add(input.name()));
    nodes.forEach(node -> names.addAll(node.makes()));
    return names;
  }

  public Graph withNodes(List<Node> others) {
    return new Graph(name, inputs, outputs, others, weights, annotations, rest);
  }

  /** With its required inputs only: what has a default keeps it, and counts as a constant. */
  public Graph withoutDefaults() {
    return new Graph(name, requiredInputs(), outputs, nodes, weights, annotations, rest);
  }

  public Graph withWeights(Map<String, Weight> others) {
    return new Graph(name, inputs, outputs, nodes, others, annotations, rest);
  }

  /** With these types declared for intermediate values, in place of what was declared so far. */
  public Graph annotated(Map<String, TensorType> types) {
    Map<String, Value> values = new LinkedHashMap<>();
    annotations.forEach(value -> values.put(value.name(), value));
    Set<String> made = new HashSet<>();
    nodes.forEach(node -> made.addAll(node.makes()));
    outputs.forEach(output -> made.remove(output.name()));
    types.forEach((value, type) -> {
      if (made.contains(value)) {
        values.put(value, Value.of(value, type));
      }
    });
    return new Graph(name, inputs, outputs, nodes, weights, List.copyOf(values.values()), rest);
  }

  /** What is declared about a value: as input, output or intermediate; null if nothing. */
  public @Nullable Value declared(String value) {
    return Stream.of(inputs, outputs, annotations)
        .flatMap(List::stream)
        .filter(declared -> declared.name().equals(value))
        .findFirst()
        .orElse(null);
  }
}
