package dev.skein.slice;

import dev.skein.graph.Dim;
import dev.skein.graph.Flow;
import dev.skein.graph.Node;
import dev.skein.graph.TensorType;
import dev.skein.rewrite.Scope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How rows run through nodes that all work row by row. */
final class RowFlow {
  private final Scope scope;
  private final List<Node> constants = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final IdentityHashMap<Node, RowRule> rules = new IdentityHashMap<>();
  private final Map<String, Long> rows = new HashMap<>();
  private final Map<String, Integer> ranks = new HashMap<>();
  private String output = "";

  private RowFlow(Scope scope) {
    this.scope = scope;
  }

  /** Null if the nodes do not all work row by row, or do not make one value of known size. */
  static @Nullable RowFlow of(Scope scope, List<Node> nodes) {
    RowFlow flow = new RowFlow(scope);
    return flow.read(nodes) ? flow : null;
  }

  /** Nodes that depend on constants only and that {@link #nodes} need. */
  List<Node> constants() {
    return constants;
  }

  List<Node> nodes() {
    return nodes;
  }

  RowRule rule(Node node) {
    return Objects.requireNonNull(rules.get(node));
  }

  String output() {
    return output;
  }

  long outputRows() {
    return rows(output);
  }

  /** Rows of a value; 0 if it is taken whole by whoever reads it. */
  long rows(String value) {
    return rows.getOrDefault(value, 0L);
  }

  int rank(String value) {
    return ranks.getOrDefault(value, 0);
  }

  private boolean read(List<Node> given) {
    Set<String> constant = constantValues();
    for (Node node : given) {
      if (!constant.containsAll(node.makes())) {
        nodes.add(node);
      }
    }
    for (Node node : nodes) {
      RowRule rule = RowRules.of(scope, node);
      if (rule == null || !enter(node, rule, constant)) {
        return false;
      }
      rules.put(node, rule);
    }
    takeConstants(constant);
    return findOutput();
  }

  /** Learns a node's output rows from those of its inputs. */
  private boolean enter(Node node, RowRule rule, Set<String> constant) {
    String data = "";
    for (String input : node.inputs()) {
      boolean counts = rule instanceof RowRule.Same || data.isEmpty();
      if (input.isEmpty() || constant.contains(input) || !counts) {
        continue;
      }
      if (!rows.containsKey(input) && !declare(input)) {
        return false;
      }
      if (data.isEmpty() || rows(input) > rows(data)) {
        data = input;
      }
    }
    if (data.isEmpty() || rows(data) == 0) {
      return false;
    }
    for (String input : node.inputs()) {
      boolean dynamic = rows.containsKey(input);
      // One row stands for all; everything else must match row by row.
      if (dynamic
          && rule instanceof RowRule.Same
          && (rank(input) != rank(data) || (rows(input) != rows(data) && rows(input) != 1))) {
        return false;
      }
    }
    if (!fits(node, rule, constant, data)) {
      return false;
    }
    long made = rule.rows(rows(data));
    for (String value : node.makes()) {
      long declared = declaredRows(value);
      if (made < 1 || (declared > 0 && declared != made)) {
        return false;
      }
      rows.put(value, made);
      ranks.put(value, rank(data));
    }
    return true;
  }

  /** Whether it is known which rows of the constants that the node reads meet those of the data. */
  private boolean fits(Node node, RowRule rule, Set<String> constant, String data) {
    if (rule instanceof RowRule.Window) {
      // Filters that depend on the inputs have rows of their own.
      List<String> filters = node.inputs().subList(1, node.inputs().size());
      return node.inputs().getFirst().equals(data)
          && filters.stream().allMatch(value -> value.isEmpty() || constant.contains(value));
    }
    for (String value : node.inputs()) {
      if (!constant.contains(value)) {
        continue;
      }
      List<Dim> dims = dims(value);
      if (dims == null || dims.size() > rank(data)) {
        return false;
      }
      int axis = rowAxis(node, dims.size(), rank(data));
      if (axis >= 0 && dims.get(axis).size() != 1 && dims.get(axis).size() != rows(data)) {
        return false;
      }
    }
    return true;
  }

  /** Behind the number of rows stand the same axes, wherever values are broadcast. */
  private static int rowAxis(Node node, int rank, int dataRank) {
    boolean meets = Elementwise.contains(node.op()) || rank == dataRank;
    return meets ? rank - (dataRank - RowRules.ROWS) : -1;
  }

  /** The axis of a constant that has numbers for each row of what the node reads; -1 if none. */
  int rowAxis(Node node, String constant) {
    List<Dim> dims = dims(constant);
    if (dims == null || rule(node) instanceof RowRule.Window) {
      return -1;
    }
    int axis = rowAxis(node, dims.size(), rank(node.makes().getFirst()));
    return axis < 0 || dims.get(axis).size() == 1 ? -1 : axis;
  }

  private @Nullable List<Dim> dims(String value) {
    TensorType type = scope.type(value);
    return type == null ? null : type.dims();
  }

  /** Takes a value from outside in, if its rows are known. */
  private boolean declare(String input) {
    long size = declaredRows(input);
    if (size < 1) {
      return false;
    }
    rows.put(input, size);
    ranks.put(input, scope.rank(input));
    return true;
  }

  private long declaredRows(String value) {
    List<Dim> dims = dims(value);
    return dims == null || dims.size() <= RowRules.ROWS ? -1 : dims.get(RowRules.ROWS).size();
  }

  private boolean findOutput() {
    Set<String> seen = new LinkedHashSet<>();
    for (Node node : nodes) {
      for (String value : node.makes()) {
        if (scope.isOutput(value)
            || scope.readers(value).stream().anyMatch(reader -> !rules.containsKey(reader))) {
          seen.add(value);
        }
      }
    }
    output = seen.size() == 1 ? seen.iterator().next() : "";
    return seen.size() == 1;
  }

  private Set<String> constantValues() {
    Set<String> constant = new HashSet<>(scope.graph().weights().keySet());
    for (Node node : scope.nodes()) {
      if (constant.containsAll(node.reads()) && node.bodies().isEmpty() && !Flow.isRandom(node)) {
        constant.addAll(node.makes());
      }
    }
    return constant;
  }

  private void takeConstants(Set<String> constant) {
    Set<String> needed = new HashSet<>();
    nodes.forEach(node -> needed.addAll(node.reads()));
    for (Node node : scope.nodes().reversed()) {
      if (constant.containsAll(node.makes()) && node.makes().stream().anyMatch(needed::contains)) {
        needed.addAll(node.reads());
        constants.addFirst(node);
      }
    }
  }
}
