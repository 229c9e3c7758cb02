package dev.skein.graph;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Replaces weights wherever a graph keeps them: by name, in attributes, in bodies. */
final class Weights {
  private Weights() {}

  static Graph map(Graph graph, UnaryOperator<Weight> change) {
    Map<String, Weight> weights = new LinkedHashMap<>(graph.weights());
    weights.replaceAll((name, weight) -> change.apply(weight));
    return graph
        .withWeights(weights)
        .withNodes(graph.nodes().stream().map(node -> map(node, change)).toList());
  }

  private static Node map(Node node, UnaryOperator<Weight> change) {
    if (node.attributes().values().stream().noneMatch(Weights::mayHold)) {
      return node;
    }
    Map<String, Attribute> attributes = new LinkedHashMap<>(node.attributes());
    attributes.replaceAll((name, attribute) -> map(attribute, change));
    return node.withAttributes(attributes);
  }

  private static Attribute map(Attribute attribute, UnaryOperator<Weight> change) {
    return switch (attribute) {
      case Attribute.OfTensor(Weight value) -> new Attribute.OfTensor(change.apply(value));
      case Attribute.OfTensors(List<Weight> values) ->
          new Attribute.OfTensors(values.stream().map(change).toList());
      case Attribute.OfGraph(Graph body) -> new Attribute.OfGraph(map(body, change));
      case Attribute.OfGraphs(List<Graph> bodies) ->
          new Attribute.OfGraphs(bodies.stream().map(body -> map(body, change)).toList());
      default -> attribute;
    };
  }

  private static boolean mayHold(Attribute attribute) {
    return switch (attribute) {
      case Attribute.OfTensor t -> true;
      case Attribute.OfTensors t -> true;
      case Attribute.OfGraph g -> true;
      case Attribute.OfGraphs g -> true;
      default -> false;
    };
  }
}
