package dev.skein.rewrite;

import dev.skein.graph.Attributes;
import dev.skein.graph.Dim;
import dev.skein.graph.Node;
import dev.skein.rewrite.SizeValues.Item;
import dev.skein.rewrite.SizeValues.Sequence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Sizes of values beyond what is declared: unknown ones get names of their own and are followed
 * through the operators around which models compute with sizes. What is said holds for every run
 * that succeeds, if no value is empty.
 */
final class SizeInference {
  private static final Set<String> SAME =
      Set.of(
          "Abs",
          "Cast",
          "Clip",
          "Dropout",
          "DequantizeLinear",
          "DynamicQuantizeLinear",
          "Elu",
          "Erf",
          "Exp",
          "Gelu",
          "Identity",
          "LayerNormalization",
          "LeakyRelu",
          "Log",
          "LogSoftmax",
          "Neg",
          "Not",
          "QuantizeLinear",
          "Reciprocal",
          "Relu",
          "Sigmoid",
          "Softmax",
          "Softplus",
          "Sqrt",
          "Tanh");
  private static final Set<String> BROADCASTING =
      Set.of("Add", "Div", "Equal", "Greater", "Less", "Max", "Min", "Mul", "Pow", "Sub", "Where");
  private static final String[] PRODUCTS = {"MatMul", "MatMulInteger"};

  private final Scope scope;
  private final Sizes sizes;
  private final SizeValues values;
  private final Map<String, List<Dim>> found = new HashMap<>();

  private SizeInference(Scope scope) {
    this.scope = scope;
    this.sizes = Sizes.of(scope);
    this.values = new SizeValues(scope, this::dims);
  }

  static SizeInference of(Scope scope) {
    SizeInference inference = new SizeInference(scope);
    for (Node node : scope.nodes()) {
      inference.values.add(node);
      if (!node.outputs().isEmpty() && !node.inputs().isEmpty()) {
        String made = node.outputs().getFirst();
        List<Dim> dims = inference.named(made, inference.made(node, made));
        if (dims != null) {
          inference.found.put(made, dims);
        }
      }
    }
    return inference;
  }

  /** Every axis is known or has a name; axes of one name are equal. Null if the rank is unknown. */
  @Nullable List<Dim> dims(String value) {
    List<Dim> dims = found.get(value);
    return dims == null ? named(value, null) : dims;
  }

  /** The integers that a value holds, as far as they are known; null if nothing is. */
  @Nullable Sequence numbers(String value) {
    return values.of(value);
  }

  private @Nullable List<Dim> named(String value, @Nullable List<Dim> inferred) {
    List<Dim> declared = Sizes.dims(scope, value);
    List<Dim> known = declared == null ? inferred : declared;
    if (known == null) {
      return null;
    }
    List<Dim> named = new ArrayList<>();
    for (int axis = 0; axis < known.size(); axis++) {
      Dim dim = known.get(axis);
      boolean told = inferred != null && inferred.size() == known.size();
      Dim other = told && inferred != null ? inferred.get(axis) : Dim.UNKNOWN;
      if (Sizes.isKnown(dim) || Sizes.isKnown(other)) {
        named.add(Sizes.isKnown(dim) ? dim : other);
      } else if (sizes.isNamed(dim) && declared != null) {
        named.add(dim);
      } else {
        named.add(other.symbol() != null ? other : unnamed(value, axis));
      }
    }
    return List.copyOf(named);
  }

  // In a form that no exporter uses.
  private static Dim unnamed(String value, int axis) {
    return Dim.named("axis " + axis + " of " + value);
  }

  private @Nullable List<Dim> made(Node node, String made) {
    List<Dim> first = dims(node.inputs().getFirst());
    if (first == null || !Scope.is(node, node.op())) {
      return null;
    }
    if (SAME.contains(node.op())) {
      return first;
    }
    if (BROADCASTING.contains(node.op())) {
      return broadcast(node.inputs());
    }
    if (Scope.is(node, PRODUCTS)) {
      return SizeRules.product(first, dims(node.inputs().get(1)));
    }
    return switch (node.op()) {
      case "Transpose" -> SizeRules.transposed(first, Attributes.integers(node, "perm"));
      case "Reshape" -> reshaped(first, node, made);
      case "Unsqueeze" -> SizeRules.unsqueezed(first, axes(node));
      case "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin" ->
          Attributes.integer(node, "keepdims", 1) == 1
              ? SizeRules.reduced(first, axes(node))
              : null;
      default -> null;
    };
  }

  private @Nullable List<Dim> broadcast(List<String> inputs) {
    List<Dim> result = List.of();
    for (String input : inputs) {
      List<Dim> dims = dims(input);
      if (dims == null) {
        return null;
      }
      result = SizeRules.broadcast(result, dims);
    }
    return result;
  }

  private long @Nullable [] axes(Node node) {
    if (node.inputs().size() > 1) {
      Sequence axes = values.of(node.inputs().get(1));
      return axes == null ? null : axes.numbers();
    }
    List<Long> axes = Attributes.integers(node, "axes");
    return axes.isEmpty() ? null : axes.stream().mapToLong(Long::longValue).toArray();
  }

  private @Nullable List<Dim> reshaped(List<Dim> from, Node node, String made) {
    Sequence target = node.inputs().size() == 2 ? values.of(node.inputs().get(1)) : null;
    boolean copies = Attributes.integer(node, "allowzero", 0) == 0;
    if (target == null) {
      return null;
    }
    List<Dim> result = new ArrayList<>();
    for (int axis = 0; axis < target.items().size(); axis++) {
      Item item = target.items().get(axis);
      Long number = item.number();
      if (number == null) {
        result.add(item.symbol() == null ? unnamed(made, axis) : Dim.named(item.symbol()));
      } else if (number == 0 && copies && axis < from.size()) {
        result.add(from.get(axis));
      } else {
        result.add(number > 0 ? Dim.of(number) : Dim.UNKNOWN);
      }
    }
    int open = result.indexOf(Dim.UNKNOWN);
    if (open >= 0 && open == result.lastIndexOf(Dim.UNKNOWN)) {
      result.set(open, SizeRules.left(from, result, open));
    }
    return result;
  }
}
