package dev.skein.rewrite;

import dev.skein.graph.Attributes;
import dev.skein.graph.Dim;
import dev.skein.graph.Node;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What can be told of the integers that a graph computes from its values' sizes, number by number:
 * of {@code Shape(x)} for an x of N×3×8×8, all but the first are known, and that one is an axis.
 */
final class SizeValues {
  private static final int MOST = 64;
  private static final Item ANY = new Item(null, null);

  private final Scope scope;
  private final Function<String, @Nullable List<Dim>> dims;
  private final Map<String, Sequence> found = new HashMap<>();

  /**
   * @param dims sizes of values, as far as they are known
   */
  SizeValues(Scope scope, Function<String, @Nullable List<Dim>> dims) {
    this.scope = scope;
    this.dims = dims;
  }

  /**
   * One number.
   *
   * @param number null if it is not known
   * @param symbol the name of the size that it is; null if it is something else, or known
   */
  record Item(@Nullable Long number, @Nullable String symbol) {
    static Item of(long number) {
      return new Item(number, null);
    }
  }

  /** A scalar, or a list, of {@code INT64} or {@code INT32}. */
  record Sequence(ElementType type, boolean isScalar, List<Item> items) {
    Sequence {
      items = List.copyOf(items);
    }

    long @Nullable [] numbers() {
      long[] numbers = new long[items.size()];
      for (int i = 0; i < numbers.length; i++) {
        Long number = items.get(i).number();
        if (number == null) {
          return null;
        }
        numbers[i] = number;
      }
      return numbers;
    }
  }

  /** Works out what a node makes; those whose results it reads must have come before. */
  void add(Node node) {
    Sequence made = node.outputs().size() == 1 ? made(node) : null;
    if (made != null && made.items().size() <= MOST) {
      found.put(node.outputs().getFirst(), made);
    }
  }

  /** What a node makes, or what a small weight holds; null if nothing is known of it. */
  @Nullable Sequence of(String value) {
    Sequence known = found.get(value);
    Tensor tensor = scope.constant(value);
    if (known != null || tensor == null || tensor.shape().rank() > 1) {
      return known;
    }
    long[] numbers = Integers.of(scope, value);
    return numbers == null
        ? null
        : new Sequence(
            tensor.type(),
            tensor.shape().rank() == 0,
            IntStream.range(0, numbers.length).mapToObj(i -> Item.of(numbers[i])).toList());
  }

  private @Nullable Sequence made(Node node) {
    return switch (Scope.is(node, node.op()) ? node.op() : "") {
      case "Shape" -> shape(node);
      case "Size" -> size(node);
      case "Gather" -> gather(node);
      case "Slice" -> slice(node);
      case "Concat" -> concat(node);
      case "Cast" -> cast(node);
      case "Identity" -> read(node, 0);
      case "Squeeze", "Unsqueeze", "Reshape" -> reshaped(node);
      case "Add", "Sub", "Mul", "Div" -> arithmetic(node);
      default -> null;
    };
  }

  private @Nullable Sequence read(Node node, int input) {
    return node.inputs().size() > input ? of(node.inputs().get(input)) : null;
  }

  private long @Nullable [] numbers(Node node, int input) {
    Sequence read = read(node, input);
    return read == null ? null : read.numbers();
  }

  private @Nullable Sequence shape(Node node) {
    List<Dim> sizes = dims.apply(node.inputs().getFirst());
    if (sizes == null) {
      return null;
    }
    int rank = sizes.size();
    int start = bound(Attributes.integer(node, "start", 0), rank);
    int end = bound(Attributes.integer(node, "end", rank), rank);
    List<Item> items = new ArrayList<>();
    for (int axis = start; axis < end; axis++) {
      Dim dim = sizes.get(axis);
      items.add(Sizes.isKnown(dim) ? Item.of(dim.size()) : new Item(null, dim.symbol()));
    }
    return new Sequence(ElementType.INT64, false, items);
  }

  private static int bound(long at, int size) {
    return Math.clamp(at < 0 ? at + size : at, 0, size);
  }

  private @Nullable Sequence size(Node node) {
    List<Dim> sizes = dims.apply(node.inputs().getFirst());
    if (sizes == null || !sizes.stream().allMatch(Sizes::isKnown)) {
      return null;
    }
    long count = 1;
    for (Dim dim : sizes) {
      if (Math.multiplyHigh(count, dim.size()) != 0) {
        return null;
      }
      count *= dim.size();
    }
    return new Sequence(ElementType.INT64, true, List.of(Item.of(count)));
  }

  private @Nullable Sequence gather(Node node) {
    Sequence data = read(node, 0);
    Sequence at = read(node, 1);
    long[] places = at == null ? null : at.numbers();
    if (data == null || at == null || places == null || data.isScalar()) {
      return null;
    }
    List<Item> items = new ArrayList<>();
    for (long place : places) {
      long index = place < 0 ? place + data.items().size() : place;
      if (index < 0 || index >= data.items().size()) {
        return null;
      }
      items.add(data.items().get((int) index));
    }
    return new Sequence(data.type(), at.isScalar(), items);
  }

  private @Nullable Sequence slice(Node node) {
    Sequence data = read(node, 0);
    boolean asInputs = node.inputs().size() > 2;
    long[] starts = asInputs ? numbers(node, 1) : attribute(node, "starts");
    long[] ends = asInputs ? numbers(node, 2) : attribute(node, "ends");
    boolean stepped = node.inputs().size() > 4 && !node.inputs().get(4).isEmpty();
    long[] steps = stepped ? numbers(node, 4) : new long[] {1};
    if (data == null || data.isScalar() || starts == null || ends == null || steps == null) {
      return null;
    }
    boolean plain = starts.length == 1 && ends.length == 1 && steps.length == 1 && steps[0] == 1;
    if (!plain) {
      return null;
    }
    int size = data.items().size();
    int start = bound(starts[0], size);
    int end = Math.max(start, bound(ends[0], size));
    return new Sequence(data.type(), false, data.items().subList(start, end));
  }

  private static long[] attribute(Node node, String name) {
    return Attributes.integers(node, name).stream().mapToLong(Long::longValue).toArray();
  }

  private @Nullable Sequence concat(Node node) {
    List<Item> items = new ArrayList<>();
    ElementType type = null;
    for (int i = 0; i < node.inputs().size(); i++) {
      Sequence part = read(node, i);
      if (part == null || part.isScalar() || items.size() > MOST) {
        return null;
      }
      type = part.type();
      items.addAll(part.items());
    }
    return type == null ? null : new Sequence(type, false, items);
  }

  private @Nullable Sequence cast(Node node) {
    Sequence from = read(node, 0);
    long to = Attributes.integer(node, "to", 0);
    if (from == null) {
      return null;
    }
    if (to == ElementType.INT64.code()) {
      return new Sequence(ElementType.INT64, from.isScalar(), from.items());
    }
    boolean fits =
        from.items().stream()
            .allMatch(item -> item.number() == null || item.number() == item.number().intValue());
    return to == ElementType.INT32.code() && fits
        ? new Sequence(ElementType.INT32, from.isScalar(), from.items())
        : null;
  }

  /** Between a scalar and a list of one; any other change of axes gives more than one axis. */
  private @Nullable Sequence reshaped(Node node) {
    Sequence from = read(node, 0);
    if (from == null) {
      return null;
    }
    if (Scope.is(node, "Reshape")) {
      long[] target = numbers(node, 1);
      boolean whole =
          target != null
              && target.length == 1
              && (target[0] == -1 || target[0] == from.items().size());
      return whole ? new Sequence(from.type(), false, from.items()) : null;
    }
    boolean toScalar = Scope.is(node, "Squeeze");
    boolean inputs = node.inputs().size() > 1;
    long[] axes = inputs ? numbers(node, 1) : attribute(node, "axes");
    boolean one = axes != null && axes.length <= 1 && from.items().size() == 1;
    return one && from.isScalar() != toScalar
        ? new Sequence(from.type(), toScalar, from.items())
        : null;
  }

  private @Nullable Sequence arithmetic(Node node) {
    Sequence left = read(node, 0);
    Sequence right = read(node, 1);
    if (left == null || right == null || left.type() != right.type()) {
      return null;
    }
    int a = left.items().size();
    int b = right.items().size();
    if (a != b && a != 1 && b != 1) {
      return null;
    }
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < (a == 1 ? b : a); i++) {
      Item one = left.items().get(a == 1 ? 0 : i);
      Item other = right.items().get(b == 1 ? 0 : i);
      items.add(arithmetic(node.op(), left.type(), one, other));
    }
    return new Sequence(left.type(), left.isScalar() && right.isScalar(), items);
  }

  private static Item arithmetic(String op, ElementType type, Item left, Item right) {
    Long a = left.number();
    Long b = right.number();
    if (b != null && a == null) {
      boolean sum = op.equals("Add") || op.equals("Sub");
      return b == (sum ? 0 : 1) ? left : ANY;
    }
    if (a == null || b == null || (op.equals("Div") && b == 0)) {
      return ANY;
    }
    try {
      long number =
          switch (op) {
            case "Add" -> Math.addExact(a, b);
            case "Sub" -> Math.subtractExact(a, b);
            case "Mul" -> Math.multiplyExact(a, b);
            default -> Math.divideExact(a, b);
          };
      boolean fits = type == ElementType.INT64 || number == (int) number;
      return fits ? Item.of(number) : ANY;
    } catch (ArithmeticException e) {
      return ANY;
    }
  }
}
