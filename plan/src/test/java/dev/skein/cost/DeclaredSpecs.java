package dev.skein.cost;

import dev.skein.graph.Dim;
import dev.skein.graph.Graph;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.tensor.Shape;
import dev.skein.tensor.TensorSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Shapes as a graph declares them, every open axis of one size. */
final class DeclaredSpecs {
  private DeclaredSpecs() {}

  static Map<String, TensorSpec> of(Graph graph, long open) {
    Map<String, TensorSpec> specs = new LinkedHashMap<>();
    Stream.of(graph.inputs(), graph.annotations(), graph.outputs())
        .flatMap(List::stream)
        .forEach(value -> specs.put(value.name(), spec(value, open)));
    return specs;
  }

  private static TensorSpec spec(Value value, long open) {
    TensorType type = value.type();
    return new TensorSpec(
        type.element(),
        Shape.of(
            type.dims().stream()
                .mapToLong((Dim dim) -> dim.isFixed() ? dim.size() : open)
                .toArray()));
  }
}
