package dev.skein.slice;

import dev.skein.graph.Node;
import dev.skein.graph.Weight;
import dev.skein.rewrite.Scope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** One piece of nodes that work row by row: some rows of their output, and all that these need. */
final class RowTile {
  private final Scope scope;
  private final RowFlow flow;
  private final Parts parts;
  private final Cutting cutting;
  // What is computed, or taken in, of each value: the hull of what its readers need.
  private final Map<String, Region> needed = new HashMap<>();
  private final List<Node> made = new ArrayList<>();

  RowTile(Scope scope, RowFlow flow) {
    this.scope = scope;
    this.flow = flow;
    this.parts = new Parts(scope);
    this.cutting = new Cutting(scope, scope::fresh);
  }

  /** Null if some rows depend on padding only. */
  @Nullable Piece make(long from, long to) {
    Region result = new Region(RowRules.ROWS, from, to);
    needed.put(flow.output(), result);
    for (Node node : flow.nodes().reversed()) {
      Region rows = rowsOf(node);
      if (rows != null && !need(node, rows)) {
        return null;
      }
    }
    made.addAll(flow.constants());
    for (Node node : flow.nodes()) {
      Region rows = rowsOf(node);
      if (rows != null) {
        compute(node, rows);
      }
    }
    Map<String, Region> inputs = new LinkedHashMap<>(needed);
    flow.nodes().forEach(node -> node.makes().forEach(inputs::remove));
    inputs.entrySet().removeIf(entry -> isWhole(entry.getKey(), entry.getValue()));
    Map<String, Weight> weights = new LinkedHashMap<>(parts.weights());
    weights.putAll(cutting.weights());
    return new PieceModels(scope).piece(made, weights, inputs, flow.output(), result);
  }

  private boolean isWhole(String value, Region region) {
    return region.from() == 0 && region.to() == flow.rows(value);
  }

  /** Which rows a node computes: of several outputs the same; null if nobody needs it. */
  private @Nullable Region rowsOf(Node node) {
    Region rows = null;
    for (String value : node.makes()) {
      Region region = needed.get(value);
      rows = region == null ? rows : hull(rows, region);
    }
    return rows;
  }

  private static Region hull(@Nullable Region one, Region other) {
    return one == null
        ? other
        : new Region(
            one.axis(), Math.min(one.from(), other.from()), Math.max(one.to(), other.to()));
  }

  private boolean need(Node node, Region rows) {
    node.makes().forEach(value -> needed.put(value, rows));
    for (String input : node.inputs()) {
      if (flow.rows(input) == 0) {
        continue;
      }
      Region region = inputRows(node, input, rows);
      if (region == null) {
        return false;
      }
      needed.put(input, hull(needed.get(input), region));
    }
    return true;
  }

  /** Which rows of an input these rows of the output depend on; null if none. */
  private @Nullable Region inputRows(Node node, String input, Region rows) {
    long all = flow.rows(input);
    return switch (flow.rule(node)) {
      case RowRule.Same() -> all == 1 ? new Region(RowRules.ROWS, 0, 1) : rows;
      case RowRule.Window window -> {
        long from = Math.max(0, window.first(rows.from()));
        long to = Math.min(all, window.end(rows.to()));
        yield from < to ? new Region(RowRules.ROWS, from, to) : null;
      }
    };
  }

  private void compute(Node node, Region rows) {
    List<String> inputs = new ArrayList<>();
    for (String input : node.inputs()) {
      Region wanted = flow.rows(input) == 0 ? null : inputRows(node, input, rows);
      inputs.add(wanted == null ? constant(node, input, rows) : crop(input, wanted));
    }
    Node part = node;
    if (flow.rule(node) instanceof RowRule.Window window) {
      long before = Math.max(0, -window.first(rows.from()));
      long after = Math.max(0, window.end(rows.to()) - flow.rows(node.inputs().getFirst()));
      part = Objects.requireNonNull(RowRules.padded(scope, node, before, after));
    }
    made.add(part.withInputs(inputs));
  }

  private String crop(String value, Region wanted) {
    Region there = Objects.requireNonNull(needed.get(value));
    if (there.equals(wanted)) {
      return value;
    }
    String name = scope.fresh(value);
    long from = wanted.from() - there.from();
    made.add(cutting.slice(value, new Region(wanted.axis(), from, from + wanted.size()), name));
    return name;
  }

  /** A constant with numbers for each row is cut like the value that it meets. */
  private String constant(Node node, String value, Region rows) {
    int axis = flow.rowAxis(node, value);
    if (axis < 0) {
      return value;
    }
    if (scope.constant(value) != null) {
      return parts.take(value, axis, LongStream.range(rows.from(), rows.to()).toArray());
    }
    String name = scope.fresh(value);
    made.add(cutting.slice(value, new Region(axis, rows.from(), rows.to()), name));
    return name;
  }
}
