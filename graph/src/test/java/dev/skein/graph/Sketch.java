package dev.skein.graph;

import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Small graphs in a few words, and their meaning as formulas. */
final class Sketch {
  private final List<Value> inputs = new ArrayList<>();
  private final List<Value> outputs = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Weight> weights = new LinkedHashMap<>();

  Sketch in(String... names) {
    List.of(names).forEach(name -> inputs.add(Value.of(name, null)));
    return this;
  }

  Sketch out(String... names) {
    List.of(names).forEach(name -> outputs.add(Value.of(name, null)));
    return this;
  }

  Sketch weight(String name, float... values) {
    weights.put(name, new Weight.Held(Tensor.ofFloats(Shape.of(values.length), values)));
    return this;
  }

  /** A node as {@code "y = Add(x, w)"}; outputs and inputs may be empty. */
  Sketch node(String formula) {
    nodes.add(parse(formula));
    return this;
  }

  Sketch node(String formula, String attribute, Graph body) {
    nodes.add(parse(formula).with(attribute, new Attribute.OfGraph(body)));
    return this;
  }

  static Node parse(String formula) {
    String[] sides = formula.split(" = ");
    int open = sides[1].indexOf('(');
    String reads = sides[1].substring(open + 1, sides[1].length() - 1);
    return Node.of(
        sides[1].substring(0, open),
        reads.isEmpty() ? List.of() : List.of(reads.split(", ?", -1)),
        sides[0].isEmpty() ? List.of() : List.of(sides[0].split(", ?", -1)));
  }

  Graph graph() {
    return new Graph("sketch", inputs, outputs, nodes, weights, List.of(), Opaque.NONE);
  }

  /** Which formula each value of the graph stands for, by hash, given those of its inputs. */
  static Map<String, Integer> meaning(Graph graph, Map<String, Integer> inputs) {
    Map<String, Integer> known = new HashMap<>();
    graph.weights().forEach((name, weight) -> known.put(name, weight.hashCode()));
    graph.requiredInputs().forEach(input -> known.put(input.name(), inputs.get(input.name())));
    for (Node node : graph.nodes()) {
      List<Integer> reads = node.reads().stream().map(known::get).toList();
      for (int i = 0; i < node.outputs().size(); i++) {
        int place =
            List.of(node.op(), node.attributes(), node.inputs().size(), reads, i).hashCode();
        known.put(node.outputs().get(i), place);
      }
    }
    return known;
  }
}
