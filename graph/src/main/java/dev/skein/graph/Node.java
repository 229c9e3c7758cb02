package dev.skein.graph;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
    return new Node(name, op, domain, inputs, outputs, more, rest);
  }

  /** How messages call this node: its operator and its name, or its first output if it has none. */
  public String label() {
    return op + " '" + (name.isEmpty() && !outputs.isEmpty() ? outputs.getFirst() : name) + "'";
  }
}
