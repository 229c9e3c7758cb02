package dev.skein.slice;

import dev.skein.graph.Attribute;
import dev.skein.graph.Graph;
import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import dev.skein.graph.Weight;
import dev.skein.rewrite.Scope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Puts pieces beside each other into the graph that they were cut from. */
final class InGraph {
  private final Scope scope;
  private final Slicing slicing;
  private final Cutting cutting;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Weight> weights = new LinkedHashMap<>();

  InGraph(Scope scope, Slicing slicing) {
    this.scope = scope;
    this.slicing = slicing;
    this.cutting = new Cutting(scope, scope::fresh);
  }

  Patch patch() {
    Map<String, List<String>> cuts = cutInputs();
    List<String> results = new ArrayList<>();
    for (int i = 0; i < slicing.pieces().size(); i++) {
      results.add(inline(slicing.pieces().get(i), cuts, i));
    }
    nodes.add(merge(results));
    weights.putAll(cutting.weights());
    Patch patch = new Patch();
    List<Node> replaced = slicing.nodes().stream().map(this::there).toList();
    replaced.subList(0, replaced.size() - 1).forEach(patch::remove);
    patch.replace(replaced.getLast(), nodes);
    weights.forEach(patch::weight);
    spare(patch).forEach(patch::removeWeight);
    return patch;
  }

  /** A node as it stands in this graph, which patches may have made anew since it was sliced. */
  private Node there(Node node) {
    Node there = scope.maker(node.makes().getFirst());
    if (there == null || !there.op().equals(node.op())) {
      throw new IllegalArgumentException(node.label() + " is no longer in the graph to be sliced");
    }
    return there;
  }

  /** For each input of which pieces take regions, the name of each piece's. */
  private Map<String, List<String>> cutInputs() {
    Set<String> inputs = new LinkedHashSet<>();
    slicing.pieces().forEach(piece -> inputs.addAll(piece.inputs().keySet()));
    Map<String, List<String>> cuts = new HashMap<>();
    for (String input : inputs) {
      List<Region> regions =
          slicing.pieces().stream().map(piece -> piece.inputs().get(input)).toList();
      cuts.put(input, cutting.cut(input, regions, nodes));
    }
    return cuts;
  }

  /** Adds a piece's nodes, with names of their own; returns what its result is called. */
  private String inline(Piece piece, Map<String, List<String>> cuts, int index) {
    Graph graph = piece.model().graph();
    Map<String, String> names = new HashMap<>();
    cuts.forEach((input, cut) -> names.put(input, cut.get(index)));
    graph.weights().forEach((name, weight) -> names.put(name, weight(name, weight)));
    for (Node node : graph.nodes()) {
      node.makes().forEach(value -> names.put(value, scope.fresh(value)));
      nodes.add(renamed(node, names));
    }
    return Objects.requireNonNull(names.get(slicing.output()));
  }

  /** What a piece's weight is called here; a name of its own, unless it is the graph's. */
  private String weight(String name, Weight weight) {
    // A piece cut in another scope may have given a part the name of another part.
    if (weight.equals(scope.graph().weights().get(name))) {
      return name;
    }
    String own = scope.fresh(name);
    weights.put(own, weight);
    return own;
  }

  private static Node renamed(Node node, Map<String, String> names) {
    return new Node(
        node.name(),
        node.op(),
        node.domain(),
        node.inputs().stream().map(name -> names.getOrDefault(name, name)).toList(),
        node.outputs().stream().map(name -> names.getOrDefault(name, name)).toList(),
        node.attributes(),
        node.rest());
  }

  private Node merge(List<String> results) {
    List<String> output = List.of(slicing.output());
    return switch (slicing.merge()) {
      case Merge.Concat(int axis) ->
          Node.of("Concat", results, output).with("axis", new Attribute.OfInt(axis));
      case Merge.Sum() -> Node.of("Sum", results, output);
    };
  }

  /** Weights that nothing reads any more. */
  private Set<String> spare(Patch patch) {
    Set<String> spare = new LinkedHashSet<>();
    slicing.nodes().forEach(node -> spare.addAll(node.inputs()));
    spare.retainAll(scope.graph().weights().keySet());
    spare.removeIf(weight ->
        scope.isOutput(weight)
            || nodes.stream().anyMatch(node -> node.inputs().contains(weight))
            || scope.readers(weight).stream().anyMatch(node -> !patch.touches(node)));
    return spare;
  }
}
