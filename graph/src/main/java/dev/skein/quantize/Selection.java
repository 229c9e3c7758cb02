package dev.skein.quantize;

import dev.skein.graph.Node;
import dev.skein.rewrite.Scope;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which nodes become integer. Layers do whenever they can; the nodes between them do only if
 * everything they read comes in bytes and something that reads bytes follows, for else they would
 * add conversions and save none.
 */
final class Selection {
  /**
   * A node that becomes integer.
   *
   * @param layer its weights, if it has any
   * @param activation what is absorbed behind it
   * @param outputs what it makes in the end: behind the activation, if there is one
   */
  record Unit(
      Node node,
      Operators kind,
      @Nullable Layer layer,
      @Nullable Activation activation,
      List<String> outputs) {}

  private static final String UNREAD = "nothing quantised reads what it makes";

  private final Scope scope;
  private final Predicate<String> hasRange;
  private final Excluded excluded;
  private final List<Unit> units = new ArrayList<>();
  private final Set<String> bytes = new HashSet<>();
  private final Set<String> entered = new HashSet<>();
  private final Map<String, String> roots = new HashMap<>();
  private final IdentityHashMap<Node, String> reasons = new IdentityHashMap<>();
  private final IdentityHashMap<Node, Unit> byNode = new IdentityHashMap<>();
  private final IdentityHashMap<Node, Unit> absorbed = new IdentityHashMap<>();

  private Selection(Scope scope, Set<String> exclude, Predicate<String> hasRange) {
    this.scope = scope;
    this.hasRange = hasRange;
    this.excluded = new Excluded(scope, exclude);
  }

  /**
   * @param hasRange whether a value's range is known
   */
  static Selection of(Scope scope, Set<String> exclude, Predicate<String> hasRange) {
    Selection selection = new Selection(scope, exclude, hasRange);
    scope.nodes().forEach(selection::consider);
    selection.prune();
    selection.units.forEach(unit -> selection.byNode.put(unit.node(), unit));
    return selection;
  }

  private void consider(Node node) {
    if (absorbed.containsKey(node)) {
      return;
    }
    String reason = excluded.is(node) ? "it is excluded" : add(node);
    if (!reason.isEmpty()) {
      reasons.put(node, reason);
    }
  }

  /** Makes the node a unit; returns why not, or nothing. */
  private String add(Node node) {
    Operators kind = Operators.of(scope, node);
    if (kind == Operators.OTHER || node.makes().isEmpty()) {
      return "there is no integer form of " + node.op();
    }
    List<String> data = Operators.data(node);
    if (data.stream().anyMatch(value -> Scope.is(scope.maker(value), "DequantizeLinear"))) {
      return "it is quantised already";
    }
    Layer layer = null;
    if (kind == Operators.LAYER) {
      Layer.Finding finding = Layer.of(scope, node);
      if (finding.layer() == null) {
        return finding.reason();
      }
      layer = finding.layer();
      String from = data.getFirst();
      if (!bytes.contains(from)) {
        if (!hasRange.test(from)) {
          return "no range was measured of what it reads";
        }
        entered.add(from);
      }
    } else if (!readsBytes(data)) {
      return "what it reads is not quantised";
    }
    return add(node, kind, layer);
  }

  private boolean readsBytes(List<String> data) {
    return data.stream().anyMatch(this::isInBytes)
        && data.stream().allMatch(value -> isInBytes(value) || isFinite(scope.floats(value)));
  }

  private static boolean isFinite(@Nullable Tensor constant) {
    return constant != null && Tensors.areFinite(constant);
  }

  private boolean isInBytes(String value) {
    return bytes.contains(value) || entered.contains(value);
  }

  private String add(Node node, Operators kind, @Nullable Layer layer) {
    Activation activation =
        kind == Operators.SAME_SCALE ? null : Activation.behind(scope, node.makes().getFirst());
    if (activation != null && excluded.is(activation.node())) {
      activation = null;
    }
    List<String> outputs = activation == null ? node.makes() : activation.node().makes();
    if (kind != Operators.SAME_SCALE && !hasRange.test(outputs.getFirst())) {
      if (kind == Operators.LAYER && !Scope.is(node, "Conv")) {
        units.add(new Unit(node, kind, layer, null, node.makes()));
        return "";
      }
      return "no range was measured of what it makes";
    }
    Unit unit = new Unit(node, kind, layer, activation, outputs);
    units.add(unit);
    bytes.addAll(outputs);
    if (activation != null) {
      absorbed.put(activation.node(), unit);
    }
    if (kind == Operators.SAME_SCALE) {
      String root = root(node.inputs().getFirst());
      outputs.forEach(output -> roots.put(output, root));
    }
    return "";
  }

  /**
   * Drops, from the end, what nothing integer reads: conversions behind it would be for nothing.
   */
  private void prune() {
    Set<String> read = new HashSet<>();
    for (int i = units.size() - 1; i >= 0; i--) {
      Unit unit = units.get(i);
      boolean needed = unit.outputs().stream().anyMatch(read::contains);
      if (unit.kind() != Operators.LAYER && !needed) {
        units.remove(i);
        plain(unit);
        reasons.put(unit.node(), UNREAD);
        continue;
      }
      // A product of matrices may give floats; a convolution is an integer one only with bytes out.
      if (unit.kind() == Operators.LAYER && !needed && !Scope.is(unit.node(), "Conv")) {
        units.set(i, plain(unit));
      }
      read.addAll(Operators.data(unit.node()));
    }
  }

  /** The unit with floats out, its activation on its own again. */
  private Unit plain(Unit unit) {
    unit.outputs().forEach(bytes::remove);
    if (unit.activation() != null) {
      absorbed.remove(unit.activation().node());
      reasons.put(unit.activation().node(), UNREAD);
    }
    return new Unit(unit.node(), unit.kind(), unit.layer(), null, unit.node().makes());
  }

  /** In graph order. */
  List<Unit> units() {
    return List.copyOf(units);
  }

  /** Whether a unit hands this value on in bytes. */
  boolean isBytes(String value) {
    return bytes.contains(value);
  }

  /** The value whose scale this one has: itself, or what it was moved or picked from. */
  String root(String value) {
    return roots.getOrDefault(value, value);
  }

  /** Whether something reads a value as floats, if only to round them to bytes again. */
  boolean isReadAsFloats(String value) {
    return scope.isOutput(value)
        || scope.readers(value).stream().anyMatch(reader -> !moves(reader));
  }

  private boolean moves(Node reader) {
    Unit unit = byNode.get(reader);
    return unit != null && unit.kind() == Operators.SAME_SCALE;
  }

  /** Values that are floats where they are made and that layers want in bytes. */
  Set<String> entries() {
    Set<String> entries = new LinkedHashSet<>();
    for (Unit unit : units) {
      for (String value : Operators.data(unit.node())) {
        if (!bytes.contains(value) && scope.floats(value) == null) {
          entries.add(value);
        }
      }
    }
    return entries;
  }

  /** Values whose scale must be known, each with the limits that an absorbed activation sets. */
  Map<String, @Nullable Activation> scaled() {
    Map<String, @Nullable Activation> scaled = new LinkedHashMap<>();
    entries().forEach(value -> scaled.put(value, null));
    for (Unit unit : units) {
      String output = unit.outputs().getFirst();
      if (unit.kind() != Operators.SAME_SCALE && bytes.contains(output)) {
        scaled.put(output, unit.activation());
      }
    }
    return scaled;
  }

  QuantizationReport report() {
    return new QuantizationReport(
        scope.nodes().stream()
            .map(node ->
                new QuantizationReport.Entry(
                    node.label(), node.op(), reasons.getOrDefault(node, "")))
            .toList());
  }
}
