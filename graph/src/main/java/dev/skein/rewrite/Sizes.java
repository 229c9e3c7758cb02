package dev.skein.rewrite;

import dev.skein.graph.Dim;
import dev.skein.graph.Graph;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What can be proved about the sizes of two values. Axes of one name have one size (ONNX IR,
 * "dimension variables"), unless an input bears the name twice: some exporters write the same word
 * for whatever they do not know. A declared size of 0 proves nothing either: others write that.
 */
final class Sizes {
  private final Set<String> doubtful = new HashSet<>();

  private Sizes(Graph graph) {
    doubtful.add("");
    doubtful.add("?");
    for (Value input : graph.inputs()) {
      Set<String> seen = new HashSet<>();
      TensorType type = input.type();
      List<Dim> dims = type == null || type.dims() == null ? List.of() : type.dims();
      for (Dim dim : dims) {
        if (dim.symbol() != null && !seen.add(dim.symbol())) {
          doubtful.add(dim.symbol());
        }
      }
    }
  }

  static Sizes of(Scope scope) {
    return new Sizes(scope.graph());
  }

  static boolean isKnown(Dim dim) {
    return dim.size() > 0;
  }

  static @Nullable List<Dim> dims(Scope scope, String value) {
    TensorType type = scope.type(value);
    return type == null ? null : type.dims();
  }

  boolean same(Dim one, Dim other) {
    if (isKnown(one) || isKnown(other)) {
      return one.size() == other.size();
    }
    return isNamed(one) && Objects.equals(one.symbol(), other.symbol());
  }

  /** Whether an unknown size has a name that stands for it alone. */
  boolean isNamed(Dim dim) {
    return dim.symbol() != null && !doubtful.contains(dim.symbol());
  }

  /** Whether two values have the same sizes for certain. */
  boolean same(@Nullable List<Dim> one, @Nullable List<Dim> other) {
    return one != null && other != null && one.size() == other.size() && open(one, other) == 0;
  }

  /**
   * Whether two values of equally many elements have the same sizes for certain: then one axis may
   * be in doubt if all others are known.
   */
  boolean sameOfOneCount(@Nullable List<Dim> one, @Nullable List<Dim> other) {
    if (one == null || other == null || one.size() != other.size()) {
      return false;
    }
    int open = open(one, other);
    return open == 0 || (open == 1 && unknown(one, other) == 0);
  }

  /**
   * What reshapes a value to declared sizes, one unknown among them as -1; null if there are more.
   * Also null if the value itself has unknown sizes and the result has none: such a promise, often
   * made by exporters, holds for one batch size only.
   */
  static long @Nullable [] target(@Nullable List<Dim> from, @Nullable List<Dim> to) {
    if (from == null || to == null) {
      return null;
    }
    long unknown = to.stream().filter(dim -> !isKnown(dim)).count();
    if (unknown > 1 || (unknown == 0 && !from.stream().allMatch(Sizes::isKnown))) {
      return null;
    }
    return to.stream().mapToLong(dim -> isKnown(dim) ? dim.size() : -1).toArray();
  }

  private int open(List<Dim> one, List<Dim> other) {
    int open = 0;
    for (int axis = 0; axis < one.size(); axis++) {
      if (!same(one.get(axis), other.get(axis))) {
        open++;
      }
    }
    return open;
  }

  // Of an unknown size, even if it is the same one.
  private int unknown(List<Dim> one, List<Dim> other) {
    int unknown = 0;
    for (int axis = 0; axis < one.size(); axis++) {
      if (same(one.get(axis), other.get(axis)) && !isKnown(one.get(axis))) {
        unknown++;
      }
    }
    return unknown;
  }
}
