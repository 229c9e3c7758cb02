package dev.skein.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Puts nodes behind the nodes whose outputs they read. */
public final class Order {
  private enum State {
    NEW,
    OPEN,
    DONE
  }

  private record Visit(int node, Iterator<String> reads) {}

  private final List<Node> nodes;
  private final Map<String, Integer> makers = new HashMap<>();
  private final State[] states;
  private final List<Node> ordered = new ArrayList<>();

  private Order(List<Node> nodes) {
    this.nodes = nodes;
    this.states = new State[nodes.size()];
    for (int i = 0; i < nodes.size(); i++) {
      int node = i;
      states[i] = State.NEW;
      nodes.get(i).makes().forEach(value -> makers.putIfAbsent(value, node));
    }
  }

  /**
   * The graph with its nodes in topological order: as they stand, and each one pulled forward only
   * so far as the first node that reads it demands. A graph in order is returned as it is. Bodies
   * are left alone.
   *
   * @throws GraphException if nodes depend on each other in a circle
   */
  public static Graph of(Graph graph) {
    Order order = new Order(graph.nodes());
    return order.isKept() ? graph : graph.withNodes(order.sort());
  }

  private boolean isKept() {
    for (int i = 0; i < nodes.size(); i++) {
      for (String value : nodes.get(i).reads()) {
        if (makers.getOrDefault(value, -1) >= i) {
          return false;
        }
      }
    }
    return true;
  }

  private List<Node> sort() {
    for (int i = 0; i < nodes.size(); i++) {
      if (states[i] == State.NEW) {
        visit(i);
      }
    }
    return ordered;
  }

  /** Depth first, with a stack of its own: chains may be longer than the thread's stack allows. */
  private void visit(int root) {
    Deque<Visit> path = new ArrayDeque<>();
    path.push(open(root));
    while (!path.isEmpty()) {
      Visit at = path.element();
      if (!at.reads().hasNext()) {
        states[at.node()] = State.DONE;
        ordered.add(nodes.get(at.node()));
        path.pop();
        continue;
      }
      String value = at.reads().next();
      Integer maker = makers.get(value);
      if (maker == null || states[maker] == State.DONE) {
        continue;
      }
      if (states[maker] == State.OPEN) {
        throw new GraphException(
            "%s and %s depend on each other through value %s"
                .formatted(
                    nodes.get(at.node()).label(), nodes.get(maker).label(), OneLine.quote(value)));
      }
      path.push(open(maker));
    }
  }

  private Visit open(int node) {
    states[node] = State.OPEN;
    return new Visit(node, nodes.get(node).reads().iterator());
  }
}
