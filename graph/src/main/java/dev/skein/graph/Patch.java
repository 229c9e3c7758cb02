package dev.skein.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Collects changes to a graph and makes a new graph of them. Nodes are known by identity: they must
 * come from the graph that the patch is applied to.
 *
 * <p>A graph's inputs and outputs keep their names and order, whatever the patch does.
 */
public final class Patch {
  private final IdentityHashMap<Node, List<Node>> replacements = new IdentityHashMap<>();
  private final List<Node> inserted = new ArrayList<>();
  private final Map<String, String> redirects = new LinkedHashMap<>();
  private final Map<String, Weight> added = new LinkedHashMap<>();
  private final Set<String> removed = new HashSet<>();

  public boolean isEmpty() {
    return replacements.isEmpty()
        && inserted.isEmpty()
        && redirects.isEmpty()
        && added.isEmpty()
        && removed.isEmpty();
  }

  /** Whether this patch removes or replaces the node. */
  public boolean touches(Node node) {
    return replacements.containsKey(node);
  }

  public Patch remove(Node node) {
    return replace(node, List.of());
  }

  /** The new nodes take the old one's place in the order, as far as what they read allows. */
  public Patch replace(Node old, List<Node> by) {
    if (replacements.putIfAbsent(old, List.copyOf(by)) != null) {
      throw new GraphException(old.label() + " is removed or replaced twice in one patch");
    }
    return this;
  }

  /** The node goes right before the first one that reads what it makes, or to the end. */
  public Patch insert(Node node) {
    inserted.add(node);
    return this;
  }

  /**
   * Lets everything that uses value {@code from}, the caller included, use {@code to}. What made
   * {@code from} must be removed in the same patch if {@code from} is an output of the graph.
   */
  public Patch redirect(String from, String to) {
    if (from.equals(to) || redirects.putIfAbsent(from, to) != null) {
      throw new GraphException(
          "value %s is redirected twice, or to itself".formatted(OneLine.quote(from)));
    }
    return this;
  }

  /** Adds a weight, or replaces the one of that name. */
  public Patch weight(String name, Weight weight) {
    added.put(name, weight);
    return this;
  }

  public Patch removeWeight(String name) {
    removed.add(name);
    return this;
  }

  /**
   * The changed graph, in topological order and verified. Declared types of values that are gone go
   * too.
   *
   * @throws GraphException if the result breaks a rule, or the patch names what is not there
   */
  public Graph apply(Graph graph) {
    List<Node> nodes = nodes(graph);
    Map<String, Weight> weights = weights(graph);
    Renaming uses = new Renaming(resolved());
    nodes.replaceAll(uses::reads);
    keepOutputs(graph, nodes, uses);
    Set<String> kept = new HashSet<>();
    nodes.forEach(node -> kept.addAll(node.makes()));
    List<Value> annotations =
        graph.annotations().stream().filter(value -> kept.contains(value.name())).toList();
    Graph changed =
        Order.of(
            new Graph(
                graph.name(),
                graph.inputs(),
                graph.outputs(),
                nodes,
                weights,
                annotations,
                graph.rest()));
    Verifier.verify(changed);
    return changed;
  }

  private List<Node> nodes(Graph graph) {
    IdentityHashMap<Node, List<Node>> left = new IdentityHashMap<>(replacements);
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      List<Node> by = left.remove(node);
      if (by == null) {
        nodes.add(node);
      } else {
        nodes.addAll(by);
      }
    }
    for (Node missing : left.keySet()) {
      throw new GraphException(missing.label() + " is no node of graph '" + graph.name() + "'");
    }
    nodes.addAll(inserted);
    return nodes;
  }

  private Map<String, Weight> weights(Graph graph) {
    Map<String, Weight> weights = new LinkedHashMap<>(graph.weights());
    for (String name : removed) {
      if (weights.remove(name) == null) {
        throw new GraphException("there is no weight " + OneLine.quote(name) + " to remove");
      }
    }
    weights.putAll(added);
    return weights;
  }

  /** Redirects followed to their end. */
  private Map<String, String> resolved() {
    Map<String, String> resolved = new HashMap<>();
    for (String from : redirects.keySet()) {
      String to = from;
      for (int steps = 0; redirects.containsKey(to); steps++) {
        if (steps > redirects.size()) {
          throw new GraphException("redirects run in a circle at value " + OneLine.quote(from));
        }
        to = redirects.get(to);
      }
      resolved.put(from, to);
    }
    return resolved;
  }

  /**
   * An output that was redirected keeps its name: the value it now shows is renamed to it, or, if
   * that value has to keep its own name too, copied.
   */
  private static void keepOutputs(Graph graph, List<Node> nodes, Renaming uses) {
    Set<String> fixed = new HashSet<>();
    graph.inputs().forEach(value -> fixed.add(value.name()));
    graph.outputs().forEach(value -> fixed.add(value.name()));
    Map<String, String> renamed = new LinkedHashMap<>();
    List<Node> copies = new ArrayList<>();
    Set<String> made = new HashSet<>();
    nodes.forEach(node -> made.addAll(node.makes()));
    for (String output : graph.outputs().stream().map(Value::name).distinct().toList()) {
      String shown = uses.of(output);
      if (shown.equals(output)) {
        continue;
      }
      if (made.contains(output)) {
        throw new GraphException(
            "output %s is redirected, but what made it is still there"
                .formatted(OneLine.quote(output)));
      }
      if (made.contains(shown) && !fixed.contains(shown) && !renamed.containsKey(shown)) {
        renamed.put(shown, output);
      } else {
        String source = renamed.getOrDefault(shown, shown);
        copies.add(Node.of("Identity", List.of(source), List.of(output)));
      }
    }
    Renaming names = new Renaming(renamed);
    nodes.replaceAll(node -> names.makes(names.reads(node)));
    nodes.addAll(copies);
  }
}
