package dev.skein.cost;

import dev.skein.graph.Graph;
import dev.skein.graph.Node;
import dev.skein.graph.Segment;
import dev.skein.tensor.TensorSpec;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** When a segment's values come and go as its nodes run in order. */
final class Lifetimes {
  private final Graph part;
  private final Map<String, TensorSpec> specs;
  private final Set<String> alive;
  private final Set<String> kept;

  Lifetimes(Graph part, Segment segment, Map<String, TensorSpec> specs) {
    this.part = part;
    this.specs = specs;
    this.alive = new LinkedHashSet<>(segment.from().values());
    this.kept = Set.copyOf(segment.to().values());
  }

  /** Most bytes alive at one time: while a node runs, its inputs and outputs both are. */
  long peak() {
    Map<String, Integer> lastReads = new HashMap<>();
    List<Node> nodes = part.nodes();
    for (int i = 0; i < nodes.size(); i++) {
      for (String value : nodes.get(i).reads()) {
        lastReads.put(value, i);
      }
    }
    alive.removeIf(value -> !kept.contains(value) && !lastReads.containsKey(value));
    long now = alive.stream().mapToLong(value -> GraphCosts.bytes(specs, value)).sum();
    long peak = now;
    for (int i = 0; i < nodes.size(); i++) {
      for (String value : nodes.get(i).makes()) {
        now += alive.add(value) ? GraphCosts.bytes(specs, value) : 0;
      }
      peak = Math.max(peak, now);
      Set<String> candidates = new LinkedHashSet<>(nodes.get(i).reads());
      candidates.addAll(nodes.get(i).makes());
      for (String value : candidates) {
        boolean spent = lastReads.getOrDefault(value, i) <= i && !kept.contains(value);
        now -= spent && alive.remove(value) ? GraphCosts.bytes(specs, value) : 0;
      }
    }
    return peak;
  }
}
