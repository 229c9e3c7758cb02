package dev.skein.rewrite;

import dev.skein.graph.Attribute;
import dev.skein.graph.Node;
import dev.skein.graph.TensorType;
import dev.skein.graph.Weight;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Tells which constant nodes may become weights without making the model much bigger. */
final class Foldable {
  private static final long SMALL = 1 << 20;
  private static final long MOST_GROWTH = 4;
  // Below this, unpacking a weight costs no more than the node that does it.
  private static final long NEGLIGIBLE = 1 << 10;
  private static final long HEADROOM = 16 << 20;

  private static final Set<String> LEFT = Set.of("Constant", "DequantizeLinear");

  /** Their results have no more elements than all their inputs together. */
  private static final Set<String> NO_LARGER =
      Set.of(
          "Abs",
          "Cast",
          "Ceil",
          "Concat",
          "CumSum",
          "Exp",
          "Flatten",
          "Floor",
          "Identity",
          "Log",
          "Neg",
          "Not",
          "QuantizeLinear",
          "Reciprocal",
          "ReduceMax",
          "ReduceMean",
          "ReduceMin",
          "ReduceProd",
          "ReduceSum",
          "Relu",
          "Reshape",
          "Round",
          "ScatterElements",
          "ScatterND",
          "Shape",
          "Sigmoid",
          "Sign",
          "Size",
          "Slice",
          "Softmax",
          "Sqrt",
          "Squeeze",
          "Tanh",
          "Transpose",
          "Unsqueeze");

  /** Their results have at most as many elements as the product of their inputs' counts. */
  private static final Set<String> BROADCASTING =
      Set.of(
          "Add",
          "And",
          "Div",
          "Equal",
          "Gather",
          "GatherElements",
          "Greater",
          "GreaterOrEqual",
          "Less",
          "LessOrEqual",
          "MatMul",
          "Max",
          "Min",
          "Mod",
          "Mul",
          "Or",
          "Pow",
          "Sub",
          "Where",
          "Xor");

  private static final long UNKNOWN = -1;

  private final Scope scope;
  private final Map<String, Long> elements = new HashMap<>();
  // Bytes of the weights that a value is made from.
  private final Map<String, Long> sources = new HashMap<>();
  private final Set<Node> chosen = new LinkedHashSet<>();
  private long budget = HEADROOM;

  private Foldable(Scope scope) {
    this.scope = scope;
    scope
        .graph()
        .weights()
        .forEach((name, weight) -> {
          if (weight instanceof Weight.Held(Tensor tensor)) {
            elements.put(name, tensor.shape().elements());
            sources.put(name, tensor.bytes());
            budget += 2 * tensor.bytes();
          }
        });
  }

  /**
   * In graph order; whatever a chosen node reads is a weight or made by a chosen node.
   *
   * @param constant the graph's constant nodes, in order
   */
  static Set<Node> of(Scope scope, Set<Node> constant) {
    Foldable foldable = new Foldable(scope);
    constant.forEach(foldable::consider);
    return foldable.chosen;
  }

  private void consider(Node node) {
    List<String> reads = node.reads();
    if (!elements.keySet().containsAll(reads) || isLeft(node)) {
      return;
    }
    Map<String, Long> counts = new HashMap<>();
    long bytes = 0;
    for (String value : node.makes()) {
      long count = count(node, value);
      if (count == UNKNOWN || isOfText(value)) {
        return;
      }
      counts.put(value, count);
      bytes = sum(bytes, bytes(value, count));
    }
    long from = 0;
    for (String value : reads) {
      from = sum(from, sources.getOrDefault(value, 0L));
    }
    if (bytes > budget || (bytes > SMALL && bytes / MOST_GROWTH > from) || unpacks(node, bytes)) {
      return;
    }
    budget -= bytes;
    elements.putAll(counts);
    for (String value : node.makes()) {
      sources.put(value, Math.min(from, bytes));
    }
    chosen.add(node);
  }

  // An output that shows a weight is a copy of it already.
  private boolean isLeft(Node node) {
    boolean copies = Scope.is(node, "Identity") && scope.isOutput(node.outputs().getFirst());
    boolean text = Scope.is(node, "Cast") && target(node) == ElementType.STRING.code();
    return copies || text || LEFT.contains(node.op());
  }

  private boolean isOfText(String value) {
    TensorType type = scope.type(value);
    return type != null && type.element() == ElementType.STRING;
  }

  /** Half-precision and 8-bit weights are stored so on purpose. */
  private boolean unpacks(Node node, long bytes) {
    if (!Scope.is(node, "Cast") || bytes <= NEGLIGIBLE) {
      return false;
    }
    TensorType from = scope.type(node.inputs().getFirst());
    return from == null
        || target(node) < 1
        || target(node) > ElementType.values().length
        || ElementType.ofCode((int) target(node)).bits() > from.element().bits();
  }

  private static long target(Node cast) {
    return cast.attributes().get("to") instanceof Attribute.OfInt(long code) ? code : 0;
  }

  private long count(Node node, String value) {
    Shape shape = scope.shape(value);
    if (shape != null) {
      return shape.elements();
    }
    boolean standard = Scope.is(node, node.op());
    if (!standard || !(NO_LARGER.contains(node.op()) || BROADCASTING.contains(node.op()))) {
      return UNKNOWN;
    }
    boolean multiplied = BROADCASTING.contains(node.op());
    // Shape and Size give a few numbers even for nothing.
    long count = multiplied ? 1 : 32;
    for (String input : node.reads()) {
      long size = elements.getOrDefault(input, 0L);
      count = multiplied ? product(count, Math.max(1, size)) : sum(count, size);
    }
    return count;
  }

  private long bytes(String value, long count) {
    TensorType type = scope.type(value);
    long bits = type == null ? Long.SIZE : type.element().bits();
    return product(count, bits) / Byte.SIZE;
  }

  private static long sum(long a, long b) {
    return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
  }

  private static long product(long a, long b) {
    return Math.multiplyHigh(a, b) != 0 || a * b < 0 ? Long.MAX_VALUE : a * b;
  }
}
