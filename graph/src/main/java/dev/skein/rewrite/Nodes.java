package dev.skein.rewrite;

import dev.skein.graph.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Makes nodes that stand in for others. */
final class Nodes {
  private Nodes() {}

  /** A standard operator without attributes, with the name and documentation of another node. */
  static Node like(Node old, String op, List<String> inputs, List<String> outputs) {
    return new Node(old.name(), op, "", inputs, outputs, Map.of(), old.rest());
  }

  /** The same operator on other values. */
  static Node on(Node old, List<String> inputs, List<String> outputs) {
    return new Node(
        old.name(), old.op(), old.domain(), inputs, outputs, old.attributes(), old.rest());
  }

  /** The same operator on other data: its first input. */
  static Node onFirst(Node old, String first, List<String> outputs) {
    List<String> inputs = new ArrayList<>(old.inputs());
    inputs.set(0, first);
    return on(old, inputs, outputs);
  }
}
