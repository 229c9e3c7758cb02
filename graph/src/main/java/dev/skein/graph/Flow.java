package dev.skein.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which nodes of a graph matter, and which depend on constants only. A node is constant if no
 * required input reaches it and it draws no random numbers; it is live if an output depends on it.
 */
public final class Flow {
  private static final Set<String> RANDOM =
      Set.of(
          "RandomNormal",
          "RandomNormalLike",
          "RandomUniform",
          "RandomUniformLike",
          "Multinomial",
          "Bernoulli",
          "Dropout");

  private final Graph graph;
  private final List<List<String>> reads = new ArrayList<>();
  private final Map<String, Integer> makers = new HashMap<>();
  private final Set<String> dynamicInputs = new HashSet<>();
  private final boolean[] constant;
  private final boolean[] live;

  public Flow(Graph graph) {
    this.graph = graph;
    this.constant = new boolean[graph.nodes().size()];
    this.live = new boolean[graph.nodes().size()];
    graph.requiredInputs().forEach(input -> dynamicInputs.add(input.name()));
    for (int i = 0; i < constant.length; i++) {
      Node node = graph.nodes().get(i);
      List<String> values = node.reads();
      reads.add(values);
      constant[i] = values.stream().noneMatch(this::isDynamic) && !isRandom(node);
      for (String value : node.makes()) {
        makers.put(value, i);
      }
    }
    markLive();
  }

  private void markLive() {
    Set<String> needed = new HashSet<>();
    graph.outputs().forEach(output -> needed.add(output.name()));
    for (int i = live.length - 1; i >= 0; i--) {
      live[i] = graph.nodes().get(i).makes().stream().anyMatch(needed::contains);
      if (live[i]) {
        needed.addAll(reads.get(i));
      }
    }
  }

  /** Whether it draws random numbers, or a body of it does. */
  public static boolean isRandom(Node node) {
    return RANDOM.contains(node.op())
        || node.bodies().stream().flatMap(body -> body.nodes().stream()).anyMatch(Flow::isRandom);
  }

  Graph graph() {
    return graph;
  }

  /** Whether a value depends on what the caller gives, or on chance. */
  public boolean isDynamic(String value) {
    Integer maker = makers.get(value);
    return maker == null ? dynamicInputs.contains(value) : !constant[maker];
  }

  /** Whether no input reaches the node: it gives the same every time. */
  public boolean isConstant(int node) {
    return constant[node];
  }

  /** Whether the node is to be placed: some output depends on it, and it is not constant. */
  public boolean isActive(int node) {
    return live[node] && !constant[node];
  }

  List<String> reads(int node) {
    return reads.get(node);
  }

  /** The node that makes a value, or -1 for inputs and weights. */
  int maker(String value) {
    return makers.getOrDefault(value, -1);
  }
}
