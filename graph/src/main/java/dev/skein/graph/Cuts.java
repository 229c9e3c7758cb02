package dev.skein.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds the places where a graph can be cut. Positions count nodes in the graph's own order. */
public final class Cuts {
  private final Flow flow;
  private final Graph graph;
  private final Map<String, Integer> lastReads = new HashMap<>();
  private final Set<String> outputs = new LinkedHashSet<>();

  private Cuts(Graph graph) {
    this.graph = graph;
    this.flow = new Flow(graph);
    graph.outputs().forEach(output -> outputs.add(output.name()));
    for (int i = 0; i < graph.nodes().size(); i++) {
      if (flow.isActive(i)) {
        for (String value : flow.reads(i)) {
          lastReads.put(value, i);
        }
      }
    }
  }

  /**
   * All cuts of at most {@code maxWidth} values, in order. The first has the required inputs that
   * are used, at position 0; the last the graph's outputs, behind all nodes. These two are always
   * there. Of neighbouring positions with the same values, only the first counts: between two cuts
   * that follow each other there is always at least one node to run, unless the whole graph has
   * none. Places where text, a sequence or an optional value is alive are no cuts, since only
   * tensors of numbers travel.
   */
  public static List<Cut> of(Graph graph, int maxWidth) {
    return new Cuts(graph).find(maxWidth);
  }

  private List<Cut> find(int maxWidth) {
    Set<String> unfit = Travel.unfit(graph);
    Set<String> alive = new LinkedHashSet<>();
    graph.requiredInputs().stream().map(Value::name).filter(this::isUsed).forEach(alive::add);
    List<Cut> cuts = new ArrayList<>();
    cuts.add(new Cut(0, List.copyOf(alive)));
    int end = lastActive();
    int unfitAlive = (int) alive.stream().filter(unfit::contains).count();
    for (int i = 0; i < end; i++) {
      if (!flow.isActive(i)) {
        continue;
      }
      for (String value : flow.reads(i)) {
        if (isSpent(value, i) && alive.remove(value) && unfit.contains(value)) {
          unfitAlive--;
        }
      }
      for (String value : graph.nodes().get(i).makes()) {
        if (isUsed(value) && alive.add(value) && unfit.contains(value)) {
          unfitAlive++;
        }
      }
      if (alive.size() <= maxWidth && unfitAlive == 0) {
        cuts.add(new Cut(i + 1, List.copyOf(alive)));
      }
    }
    cuts.add(new Cut(graph.nodes().size(), List.copyOf(outputs)));
    return List.copyOf(cuts);
  }

  private boolean isUsed(String value) {
    return lastReads.containsKey(value) || outputs.contains(value);
  }

  private boolean isSpent(String value, int reader) {
    return !outputs.contains(value) && lastReads.getOrDefault(value, -1) == reader;
  }

  private int lastActive() {
    for (int i = graph.nodes().size() - 1; i >= 0; i--) {
      if (flow.isActive(i)) {
        return i;
      }
    }
    return 0;
  }
}
