package dev.skein.engine;

import dev.skein.graph.Dim;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Opaque;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.graph.Weight;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Small models for tests. */
final class Graphs {
  private Graphs() {}

  static Value input(String name, ElementType type, Object... dims) {
    return Value.of(
        name,
        new TensorType(
            type,
            Arrays.stream(dims)
                .map(dim -> dim instanceof String symbol ? Dim.named(symbol) : Dim.of((int) dim))
                .toList()));
  }

  static Model model(List<Value> inputs, List<Value> outputs, Node... nodes) {
    return model(inputs, outputs, Map.of(), nodes);
  }

  static Model model(
      List<Value> inputs, List<Value> outputs, Map<String, Tensor> weights, Node... nodes) {
    Map<String, Weight> held = new LinkedHashMap<>();
    weights.forEach((name, tensor) -> held.put(name, new Weight.Held(tensor)));
    Graph graph = new Graph("small", inputs, outputs, List.of(nodes), held, List.of(), Opaque.NONE);
    return new Model(graph, 8, Map.of("", 17L), Map.of(), Opaque.NONE);
  }

  /** y = a + b over floats of shape Nx3. */
  static Model sum() {
    return model(
        List.of(input("a", ElementType.FLOAT, "N", 3), input("b", ElementType.FLOAT, "N", 3)),
        List.of(input("y", ElementType.FLOAT, "N", 3)),
        Node.of("Add", List.of("a", "b"), List.of("y")));
  }

  /** y = x · w · w · … for a square w, so heavy that a run can be caught in the act. */
  static Model heavy(int size, int times) {
    float[] identity = new float[size * size];
    for (int i = 0; i < size; i++) {
      identity[i * size + i] = 1;
    }
    Node[] nodes = new Node[times];
    for (int i = 0; i < times; i++) {
      String from = i == 0 ? "x" : "v" + i;
      String to = i == times - 1 ? "y" : "v" + (i + 1);
      nodes[i] = Node.of("MatMul", List.of(from, "w"), List.of(to));
    }
    return model(
        List.of(input("x", ElementType.FLOAT, size, size)),
        List.of(input("y", ElementType.FLOAT, size, size)),
        Map.of("w", Tensor.ofFloats(Shape.of(size, size), identity)),
        nodes);
  }
}
