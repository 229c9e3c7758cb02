package dev.skein.cost;

import dev.skein.graph.Flow;
import dev.skein.graph.Graph;
import dev.skein.graph.Node;
import dev.skein.graph.Value;
import dev.skein.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Activation memory over time, as a graph's nodes run one after another: each value is there from
 * the node that makes it to the last one that reads it, inputs from the start, outputs to the end.
 * While a node runs, its inputs and outputs both are. Weights, and what is made of constants, do
 * not count. An engine that writes over its inputs, or runs the nodes in an order of its own, may
 * need less.
 *
 * @param bytes alive while each node runs, in graph order
 * @param peakNode the first node at which memory is fullest; -1 if there are none
 * @param lifetimes of all values with a size, inputs first, then in the order they are made
 */
public record MemoryProfile(List<Long> bytes, int peakNode, List<Lifetime> lifetimes) {
  public MemoryProfile {
    bytes = List.copyOf(bytes);
    lifetimes = List.copyOf(lifetimes);
  }

  /**
   * When a value comes and goes.
   *
   * @param made position of the node that makes it; -1 for inputs
   * @param lastRead position of the last node that reads it, or of its maker if nobody does; the
   *     number of nodes for outputs
   */
  public record Lifetime(String value, int made, int lastRead, long bytes) {}

  /** Most bytes alive at one time. */
  public long peak() {
    return peakNode >= 0
        ? bytes.get(peakNode)
        : lifetimes.stream().mapToLong(Lifetime::bytes).sum();
  }

  /**
   * @param specs of all values that depend on the input; values without one count nothing
   */
  public static MemoryProfile of(Graph graph, Map<String, TensorSpec> specs) {
    Flow flow = new Flow(graph);
    Map<String, TensorSpec> dynamic = new LinkedHashMap<>(specs);
    dynamic.keySet().removeIf(value -> !flow.isDynamic(value));
    return of(graph, names(graph.requiredInputs()), names(graph.outputs()), dynamic);
  }

  private static List<String> names(List<Value> values) {
    return values.stream().map(Value::name).toList();
  }

  /**
   * @param entering there from the start
   * @param kept still there at the end
   */
  static MemoryProfile of(
      Graph graph,
      Collection<String> entering,
      Collection<String> kept,
      Map<String, TensorSpec> specs) {
    int end = graph.nodes().size();
    Map<String, Integer> made = new LinkedHashMap<>();
    Map<String, Integer> lastReads = new LinkedHashMap<>();
    entering.forEach(value -> made.put(value, -1));
    for (int i = 0; i < end; i++) {
      Node node = graph.nodes().get(i);
      for (String value : node.reads()) {
        lastReads.put(value, i);
      }
      for (String value : node.makes()) {
        made.putIfAbsent(value, i);
      }
    }
    Set<String> outputs = new HashSet<>(kept);
    List<Lifetime> lifetimes = new ArrayList<>();
    made.forEach((value, at) -> {
      int last = outputs.contains(value) ? end : lastReads.getOrDefault(value, at);
      long size = GraphCosts.bytes(specs, value);
      if (last >= 0 && size > 0) {
        lifetimes.add(new Lifetime(value, at, last, size));
      }
    });
    return of(end, lifetimes);
  }

  private static MemoryProfile of(int nodes, List<Lifetime> lifetimes) {
    long[] change = new long[nodes + 2];
    for (Lifetime value : lifetimes) {
      change[Math.max(value.made(), 0)] += value.bytes();
      change[value.lastRead() + 1] -= value.bytes();
    }
    List<Long> bytes = new ArrayList<>();
    int peakNode = -1;
    long now = 0;
    for (int i = 0; i < nodes; i++) {
      now += change[i];
      bytes.add(now);
      peakNode = peakNode < 0 || now > bytes.get(peakNode) ? i : peakNode;
    }
    return new MemoryProfile(bytes, peakNode, lifetimes);
  }
}
