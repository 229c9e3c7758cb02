package dev.skein.slice;

import dev.skein.graph.Dim;
import dev.skein.graph.Graph;
import dev.skein.graph.Node;
import dev.skein.graph.Opaque;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.graph.Weight;
import dev.skein.rewrite.Scope;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes models of parts of a graph. */
final class PieceModels {
  private final Scope scope;

  PieceModels(Scope scope) {
    this.scope = scope;
  }

  /**
   * @param made weights that the graph does not have; others are taken over whole
   * @param inputs what the piece takes of the values that it reads
   * @param result what it makes of its output; null for all of it
   */
  Piece piece(
      List<Node> nodes,
      Map<String, Weight> made,
      Map<String, Region> inputs,
      String output,
      @Nullable Region result) {
    Graph graph = scope.graph();
    Set<String> inside = new HashSet<>();
    Set<String> read = new LinkedHashSet<>();
    for (Node node : nodes) {
      inside.addAll(node.makes());
      read.addAll(node.reads());
    }
    Map<String, Weight> weights = new LinkedHashMap<>();
    List<Value> given = new ArrayList<>();
    for (String value : read) {
      Weight weight = made.getOrDefault(value, graph.weights().get(value));
      if (weight != null) {
        weights.put(value, weight);
      } else if (!inside.contains(value)) {
        given.add(value(value, inputs.get(value)));
      }
    }
    Graph piece =
        new Graph(
            graph.name() + "/" + output,
            given,
            List.of(value(output, result)),
            nodes,
            weights,
            List.of(),
            Opaque.NONE);
    return new Piece(scope.model().with(piece), inputs);
  }

  private Value value(String name, @Nullable Region region) {
    TensorType type = scope.type(name);
    if (type == null || type.dims() == null || region == null) {
      return Value.of(name, type);
    }
    List<Dim> dims = new ArrayList<>(type.dims());
    dims.set(region.axis(), Dim.of(region.size()));
    return Value.of(name, new TensorType(type.element(), dims));
  }
}
