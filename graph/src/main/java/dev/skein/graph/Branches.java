package dev.skein.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Independent operation flows of a graph (CrowdHMTware III-B1: operators, put in order, become
 * flows). A flow ends where a value goes several ways and begins where several come together. Nodes
 * that depend on constants only, and those that no output needs, belong to none; an output of the
 * graph that is made of constants, or is an input, is therefore no branch's output.
 */
public final class Branches {
  private final Graph graph;
  private final Flow flow;
  private final Set<String> outputs = new HashSet<>();
  private final List<Set<Integer>> before = new ArrayList<>();
  private final List<Set<Integer>> behind = new ArrayList<>();
  private final Map<String, Set<Integer>> readers = new HashMap<>();
  private final Map<String, Value> declared = new HashMap<>();

  private Branches(Graph graph) {
    this.graph = graph;
    this.flow = new Flow(graph);
    graph.annotations().forEach(value -> declared.put(value.name(), value));
    graph.outputs().forEach(value -> declared.put(value.name(), value));
    graph.inputs().forEach(value -> declared.put(value.name(), value));
    graph.outputs().forEach(output -> outputs.add(output.name()));
    for (int i = 0; i < graph.nodes().size(); i++) {
      before.add(new LinkedHashSet<>());
      behind.add(new LinkedHashSet<>());
      if (flow.isActive(i)) {
        link(i);
      }
    }
  }

  private void link(int node) {
    for (String value : flow.reads(node)) {
      readers.computeIfAbsent(value, any -> new LinkedHashSet<>()).add(node);
      int maker = flow.maker(value);
      if (maker >= 0 && flow.isActive(maker)) {
        before.get(node).add(maker);
        behind.get(maker).add(node);
      }
    }
  }

  /** All branches, in the order of their first nodes. */
  public static List<Branch> of(Graph graph) {
    return new Branches(graph).find();
  }

  private List<Branch> find() {
    Map<Integer, Integer> owners = new HashMap<>();
    List<Branch> branches = new ArrayList<>();
    for (int i = 0; i < graph.nodes().size(); i++) {
      if (flow.isActive(i) && !owners.containsKey(i)) {
        List<Integer> run = run(i);
        int id = branches.size();
        run.forEach(node -> owners.put(node, id));
        branches.add(branch(id, run, owners));
      }
    }
    return List.copyOf(branches);
  }

  /** From a node on, as long as the next one follows only this one and nobody else does. */
  private List<Integer> run(int first) {
    List<Integer> run = new ArrayList<>(List.of(first));
    while (behind.get(run.getLast()).size() == 1) {
      int next = behind.get(run.getLast()).iterator().next();
      if (before.get(next).size() > 1) {
        break;
      }
      run.add(next);
    }
    return run;
  }

  private Branch branch(int id, List<Integer> run, Map<Integer, Integer> owners) {
    Set<Integer> own = new HashSet<>(run);
    Set<String> inputs = new LinkedHashSet<>();
    Set<String> made = new LinkedHashSet<>();
    for (int node : run) {
      flow.reads(node).stream()
          .filter(value -> flow.isDynamic(value) && !made.contains(value))
          .forEach(inputs::add);
      made.addAll(graph.nodes().get(node).makes());
    }
    made.removeIf(value ->
        !outputs.contains(value) && own.containsAll(readers.getOrDefault(value, Set.of())));
    Set<Integer> after = new TreeSet<>();
    before.get(run.getFirst()).forEach(node -> after.add(owners.get(node)));
    return new Branch(id, run, List.copyOf(after), List.copyOf(inputs), List.copyOf(made));
  }

  /**
   * A branch as a graph of its own, with the branch's inputs and outputs. Nodes that depend on
   * constants only are repeated in every branch that needs them. An input or output whose type the
   * graph does not declare has none here; see {@link Graph#annotated}.
   *
   * @throws GraphException if the branch is not of this graph
   */
  public static Graph extract(Graph graph, Branch branch) {
    return extract(graph, List.of(branch)).getFirst();
  }

  /** {@link #extract(Graph, Branch)} for several at once. */
  public static List<Graph> extract(Graph graph, Collection<Branch> branches) {
    Branches all = new Branches(graph);
    return branches.stream().map(all::part).toList();
  }

  private Graph part(Branch branch) {
    if (branch.nodes().stream().anyMatch(node -> node < 0 || node >= graph.nodes().size())) {
      throw new GraphException(
          "graph %s has %d nodes: branch %d is of another one"
              .formatted(OneLine.quote(graph.name()), graph.nodes().size(), branch.id()));
    }
    Set<Integer> nodes = new TreeSet<>(branch.nodes());
    Set<String> needed = new LinkedHashSet<>(branch.outputs());
    Deque<Integer> open = new ArrayDeque<>(branch.nodes());
    while (!open.isEmpty()) {
      for (String value : flow.reads(open.remove())) {
        needed.add(value);
        int maker = flow.maker(value);
        if (maker >= 0 && flow.isConstant(maker) && nodes.add(maker)) {
          open.add(maker);
        }
      }
    }
    Map<String, Weight> weights = new LinkedHashMap<>();
    for (String value : needed) {
      Weight weight = graph.weights().get(value);
      if (weight != null) {
        weights.put(value, weight);
      }
    }
    List<Value> inside = new ArrayList<>();
    for (int node : nodes) {
      for (String value : graph.nodes().get(node).makes()) {
        if (declared.containsKey(value) && !branch.outputs().contains(value)) {
          inside.add(value(value));
        }
      }
    }
    return new Graph(
        "%s#%d".formatted(graph.name(), branch.id()),
        branch.inputs().stream().map(this::value).toList(),
        branch.outputs().stream().map(this::value).toList(),
        nodes.stream().map(graph.nodes()::get).toList(),
        weights,
        inside,
        Opaque.NONE);
  }

  private Value value(String name) {
    return declared.getOrDefault(name, Value.of(name, null));
  }

  /**
   * How many of a graph's branches can run at one time: the most of which none needs another.
   *
   * @param branches all of them
   * @return 0 if there are none
   */
  public static int widest(List<Branch> branches) {
    int most = branches.isEmpty() ? 0 : 1;
    for (Parallel region : parallel(branches)) {
      most = Math.max(most, region.widest());
    }
    return most;
  }

  /**
   * Where branches run side by side: the parts of a graph between two points at which all that came
   * before is needed by all that comes after. Branches that stand alone there are left out.
   *
   * @param branches all of them
   */
  public static List<Parallel> parallel(List<Branch> branches) {
    return Regions.of(branches).stream()
        .filter(region -> region.size() > 1)
        .map(region -> new Parallel(region, Regions.widest(region)))
        .toList();
  }

  /**
   * Branches side by side.
   *
   * @param widest how many of them can run at one time
   */
  public record Parallel(List<Branch> branches, int widest) {
    public Parallel {
      branches = List.copyOf(branches);
    }
  }
}
