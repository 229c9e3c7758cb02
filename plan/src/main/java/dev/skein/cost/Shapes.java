package dev.skein.cost;

import dev.skein.graph.Dim;
import dev.skein.graph.Graph;
import dev.skein.graph.Node;
import dev.skein.graph.TensorType;
import dev.skein.graph.Weight;
import dev.skein.tensor.Shape;
import dev.skein.tensor.TensorSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Shapes of a graph's values, weights included. */
final class Shapes {
  /**
   * Operators whose output looks like their first input: what stands between a weight and its use.
   */
  private static final List<String> SAME_SHAPE =
      List.of("DequantizeLinear", "QuantizeLinear", "Cast", "Identity");

  private final Map<String, TensorSpec> specs;
  private final Graph graph;
  // Filled when first asked: most lookups end at a spec or a weight.
  private final Map<String, Node> makers = new HashMap<>();

  Shapes(Map<String, TensorSpec> specs, Graph graph) {
    this.specs = specs;
    this.graph = graph;
  }

  /**
   * @throws CostException if the input is missing or its shape is not known
   */
  Shape input(Node node, int index) {
    if (index >= node.inputs().size()) {
      throw new CostException("%s has no input %d".formatted(node.label(), index));
    }
    return of(node, node.inputs().get(index));
  }

  Shape output(Node node) {
    if (node.outputs().isEmpty()) {
      throw new CostException("%s has no output".formatted(node.label()));
    }
    return of(node, node.outputs().getFirst());
  }

  private Shape of(Node node, String value) {
    Shape shape = find(value);
    if (shape == null) {
      throw new CostException(
          "%s: the shape of value '%s' is not known; probe the model with inputs of a fixed shape"
              .formatted(node.label(), value.replaceAll("\\p{Cntrl}", "?")));
    }
    return shape;
  }

  private @Nullable Shape find(String value) {
    for (int depth = 0; depth <= graph.nodes().size(); depth++) {
      TensorSpec spec = specs.get(value);
      if (spec != null) {
        return spec.shape();
      }
      Weight weight = graph.weights().get(value);
      if (weight != null) {
        return shape(weight);
      }
      Node maker = maker(value);
      if (maker == null || !SAME_SHAPE.contains(maker.op()) || maker.inputs().isEmpty()) {
        return null;
      }
      value = maker.inputs().getFirst();
    }
    return null;
  }

  private @Nullable Node maker(String value) {
    if (makers.isEmpty()) {
      for (Node node : graph.nodes()) {
        node.makes().forEach(made -> makers.put(made, node));
      }
    }
    return makers.get(value);
  }

  private static @Nullable Shape shape(Weight weight) {
    return switch (weight) {
      case Weight.Held held -> held.tensor().shape();
      case Weight.Addressed addressed -> addressed.shape();
      case Weight.Verbatim verbatim -> fixed(verbatim.type());
    };
  }

  private static @Nullable Shape fixed(TensorType type) {
    List<Dim> dims = type.dims();
    return dims != null && dims.stream().allMatch(Dim::isFixed)
        ? Shape.of(dims.stream().mapToLong(Dim::size).toArray())
        : null;
  }
}
