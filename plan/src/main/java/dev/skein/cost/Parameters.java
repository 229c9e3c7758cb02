package dev.skein.cost;

import dev.skein.graph.Attribute;
import dev.skein.graph.Dim;
import dev.skein.graph.Graph;
import dev.skein.graph.Node;
import dev.skein.graph.TensorType;
import dev.skein.graph.Weight;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Learned numbers of a graph and its nodes, those in bodies included. */
final class Parameters {
  private final Graph graph;

  /** How many numbers each constant holds, by name; those that are not learned are left out. */
  private final Map<String, Long> learned = new HashMap<>();

  Parameters(Graph graph) {
    this.graph = graph;
    graph.weights().forEach((name, weight) -> add(name, weight));
    Set<String> statistics = new HashSet<>();
    for (Node node : graph.nodes()) {
      if (node.op().equals("Constant")
          && node.attributes().get("value") instanceof Attribute.OfTensor(Weight value)) {
        node.makes().forEach(name -> add(name, value));
      }
      if (node.op().equals("BatchNormalization") && node.inputs().size() >= 5) {
        statistics.addAll(node.inputs().subList(3, 5));
      }
    }
    learned.keySet().removeAll(statistics);
  }

  private void add(String name, Weight weight) {
    TensorType type = weight.type();
    List<Dim> dims = type.dims();
    boolean counts =
        switch (type.element()) {
          case STRING, BOOL, INT64, UINT64 -> false;
          default -> dims != null && !dims.isEmpty();
        };
    if (counts && dims != null && dims.stream().allMatch(Dim::isFixed)) {
      learned.put(name, dims.stream().mapToLong(Dim::size).reduce(1, (a, b) -> a * b));
    }
  }

  long of(Node node) {
    long sum = inBodies(node);
    for (String value : node.reads()) {
      sum += learned.getOrDefault(value, 0L);
    }
    return sum;
  }

  long all() {
    Set<String> read = new HashSet<>();
    long sum = 0;
    for (Node node : graph.nodes()) {
      read.addAll(node.reads());
      sum += inBodies(node);
    }
    for (Map.Entry<String, Long> weight : learned.entrySet()) {
      sum += read.contains(weight.getKey()) ? weight.getValue() : 0;
    }
    return sum;
  }

  private static long inBodies(Node node) {
    return node.bodies().stream().mapToLong(body -> new Parameters(body).all()).sum();
  }
}
