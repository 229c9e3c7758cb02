package dev.skein.graph;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One operator of a graph.
 *
 * @param name as in the file; may be empty and need not be unique
 * @param domain empty for the standard operators
 * @param inputs value names in order; an empty name is an optional input left out
 * @param outputs value names in order; an empty name is an optional output left out
 * @param attributes in the file's order
 */
public record Node(
    String name,
    String op,
    String domain,
    List<String> inputs,
    List<String> outputs,
    Map<String, Attribute> attributes,
    Opaque rest) {
  public Node {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
  }

  public static Node of(String op, List<String> inputs, List<String> outputs) {
    return new Node("", op, "", inputs, outputs, Map.of(), Opaque.NONE);
  }

  public Node with(String attribute, Attribute value) {
    Map<String, Attribute> more = new LinkedHashMap<>(attributes);
    more.put(attribute, value);
    return withAttributes(more);
  }

  public Node withAttributes(Map<String, Attribute> others) {
    return new Node(name, op, domain, inputs, outputs, others, rest);
  }

  public Node withInputs(List<String> others) {
    return new Node(name, op, domain, others, outputs, attributes, rest);
  }

  public Node withOutputs(List<String> others) {
    return new Node(name, op, domain, inputs, others, attributes, rest);
  }

  /** An input's name; empty if it is left out. */
  public String input(int index) {
    return index < inputs.size() ? inputs.get(index) : "";
  }

  /**
   * Every value it needs, each once: its inputs, then what the bodies among its attributes take
   * from the scopes around them.
   */
  public List<String> reads() {
    Set<String> reads = new LinkedHashSet<>(inputs);
    reads.remove("");
    bodies().forEach(body -> reads.addAll(body.captures()));
    return List.copyOf(reads);
  }

  /** The outputs that it really makes. */
  public List<String> makes() {
    return outputs.stream().filter(output -> !output.isEmpty()).toList();
  }

  /** The graphs among its attributes: branches and loop bodies. */
  public List<Graph> bodies() {
    return attributes.values().stream()
        .<Graph>mapMulti((attribute, bodies) -> {
          switch (attribute) {
            case Attribute.OfGraph(Graph body) -> bodies.accept(body);
            case Attribute.OfGraphs(List<Graph> more) -> more.forEach(bodies);
            default -> {}
          }
        })
        .toList();
  }

  /** How messages call this node: its operator and its name, or its first output if it has none. */
  public String label() {
    return op
        + " "
        + OneLine.quote(name.isEmpty() && !outputs.isEmpty() ? outputs.getFirst() : name);
  }
}
