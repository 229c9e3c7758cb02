package dev.skein.engine;

import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Value;
import dev.skein.graph.Weight;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A model whose big weights are inputs of the same type: enough to tell what its values look like,
 * in next to no memory. Types follow from small constants only (axes, sizes).
 */
final class Hollow {
  private static final long SMALL = 1024;

  private Hollow() {}

  static Model of(Model model) {
    Graph graph = model.graph().withoutDefaults();
    Set<String> kept = new HashSet<>();
    graph.outputs().forEach(value -> kept.add(value.name()));
    List<Value> inputs = new ArrayList<>(graph.inputs());
    Map<String, Weight> weights = new LinkedHashMap<>();
    graph
        .weights()
        .forEach((name, weight) -> {
          if (weight instanceof Weight.Held && weight.bytes() >= SMALL && !kept.contains(name)) {
            inputs.add(Value.of(name, weight.type()));
          } else {
            weights.put(name, weight);
          }
        });
    return model.with(
        new Graph(
            graph.name(),
            inputs,
            graph.outputs(),
            graph.nodes(),
            weights,
            graph.annotations(),
            graph.rest()));
  }
}
