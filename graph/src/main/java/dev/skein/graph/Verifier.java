package dev.skein.graph;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks that every value is made once and before it is used, bodies included. */
public final class Verifier {
  private static final int MAX_DEPTH = 32;

  private final Graph graph;
  private final @Nullable Verifier around;
  private final String where;
  private final Set<String> made = new HashSet<>();

  private Verifier(Graph graph, @Nullable Verifier around, String where) {
    this.graph = graph;
    this.around = around;
    this.where = where;
  }

  /**
   * @throws GraphException naming the node and the value that break a rule
   */
  public static void verify(Graph graph) {
    new Verifier(graph, null, "").check(0);
  }

  private void check(int depth) {
    if (depth > MAX_DEPTH) {
      throw broken("bodies are nested deeper than " + MAX_DEPTH);
    }
    for (Value input : graph.inputs()) {
      if (input.name().isEmpty()) {
        throw broken("an input has no name");
      }
      if (!made.add(input.name())) {
        throw broken("input " + OneLine.quote(input.name()) + " is declared twice");
      }
    }
    for (String weight : graph.weights().keySet()) {
      if (weight.isEmpty()) {
        throw broken("a weight has no name");
      }
      made.add(weight);
    }
    Map<String, Node> makers = new HashMap<>();
    graph.nodes().forEach(node -> node.makes().forEach(value -> makers.putIfAbsent(value, node)));
    for (Node node : graph.nodes()) {
      check(node, makers, depth);
    }
    for (Value output : graph.outputs()) {
      if (!isKnown(output.name())) {
        throw broken("nothing makes the output " + OneLine.quote(output.name()));
      }
    }
  }

  private void check(Node node, Map<String, Node> makers, int depth) {
    if (node.op().isEmpty()) {
      throw broken("node " + node.label() + " names no operator");
    }
    for (String value : node.inputs()) {
      if (value.isEmpty() || made.contains(value)) {
        continue;
      }
      // A name that this graph defines later hides the same name around it.
      Node maker = makers.get(value);
      if (maker != null) {
        throw broken(
            "%s reads %s before %s makes it"
                .formatted(node.label(), OneLine.quote(value), maker.label()));
      }
      if (!isKnown(value)) {
        throw broken(node.label() + " reads " + OneLine.quote(value) + ", which nothing makes");
      }
    }
    for (Graph body : node.bodies()) {
      new Verifier(body, this, " in a body of " + node.label() + where).check(depth + 1);
    }
    for (String value : node.makes()) {
      if (!made.add(value)) {
        throw broken(node.label() + " makes " + OneLine.quote(value) + ", which is there already");
      }
    }
  }

  private boolean isKnown(String value) {
    for (Verifier scope = this; scope != null; scope = scope.around) {
      if (scope.made.contains(value)) {
        return true;
      }
    }
    return false;
  }

  private GraphException broken(String what) {
    return new GraphException(what + where);
  }
}
