package dev.skein.graph;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives values other names where nodes read them, bodies included.
 *
 * @param names new names by old ones
 */
record Renaming(Map<String, String> names) {
  Renaming {
    names = Map.copyOf(names);
  }

  String of(String value) {
    return names.getOrDefault(value, value);
  }

  Node reads(Node node) {
    if (names.isEmpty()) {
      return node;
    }
    Map<String, Attribute> attributes = new LinkedHashMap<>(node.attributes());
    attributes.replaceAll((name, attribute) -> reads(node, attribute));
    return new Node(
        node.name(),
        node.op(),
        node.domain(),
        node.inputs().stream().map(this::of).toList(),
        node.outputs(),
        attributes,
        node.rest());
  }

  private Attribute reads(Node node, Attribute attribute) {
    return switch (attribute) {
      case Attribute.OfGraph(Graph body) -> new Attribute.OfGraph(captures(node, body));
      case Attribute.OfGraphs(List<Graph> bodies) ->
          new Attribute.OfGraphs(bodies.stream().map(body -> captures(node, body)).toList());
      default -> attribute;
    };
  }

  private Graph captures(Node node, Graph body) {
    Map<String, String> captured = new HashMap<>();
    Set<String> own = body.defined();
    for (String value : body.captures()) {
      if (!names.containsKey(value)) {
        continue;
      }
      String other = of(value);
      if (own.contains(other)) {
        throw new GraphException(
            "a body of %s cannot read %s in place of %s: it has a value of that name itself"
                .formatted(node.label(), OneLine.quote(other), OneLine.quote(value)));
      }
      captured.put(value, other);
    }
    Renaming inner = new Renaming(captured);
    return new Graph(
        body.name(),
        body.inputs(),
        body.outputs().stream()
            .map(value -> new Value(inner.of(value.name()), value.type(), value.rest()))
            .toList(),
        body.nodes().stream().map(inner::reads).toList(),
        body.weights(),
        body.annotations(),
        body.rest());
  }

  Node makes(Node node) {
    return new Node(
        node.name(),
        node.op(),
        node.domain(),
        node.inputs(),
        node.outputs().stream().map(this::of).toList(),
        node.attributes(),
        node.rest());
  }
}
