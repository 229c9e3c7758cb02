package dev.skein.rewrite;

import dev.skein.graph.Dim;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The sizes of results by those of operands; what cannot be told is {@link Dim#UNKNOWN}. */
final class SizeRules {
  private SizeRules() {}

  // Of two sizes that are not the same, one is 1; which, only a known one tells.
  static List<Dim> broadcast(List<Dim> one, List<Dim> other) {
    int rank = Math.max(one.size(), other.size());
    List<Dim> result = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      Dim a = axis < rank - one.size() ? Dim.of(1) : one.get(axis - rank + one.size());
      Dim b = axis < rank - other.size() ? Dim.of(1) : other.get(axis - rank + other.size());
      if (a.equals(b) || b.size() == 1 || a.size() > 1) {
        result.add(a);
      } else {
        result.add(a.size() == 1 || b.size() > 1 ? b : Dim.UNKNOWN);
      }
    }
    return result;
  }

  static @Nullable List<Dim> product(List<Dim> left, @Nullable List<Dim> right) {
    if (right == null || left.size() < 2 || right.size() < 2) {
      return null;
    }
    List<Dim> result =
        new ArrayList<>(
            broadcast(left.subList(0, left.size() - 2), right.subList(0, right.size() - 2)));
    result.add(left.get(left.size() - 2));
    result.add(right.getLast());
    return result;
  }

  static @Nullable List<Dim> transposed(List<Dim> dims, List<Long> perm) {
    if (perm.isEmpty()) {
      return dims.reversed();
    }
    boolean valid =
        perm.size() == dims.size()
            && perm.stream().allMatch(axis -> axis >= 0 && axis < dims.size());
    return valid ? perm.stream().map(axis -> dims.get(axis.intValue())).toList() : null;
  }

  static @Nullable List<Dim> unsqueezed(List<Dim> dims, long @Nullable [] axes) {
    if (axes == null) {
      return null;
    }
    int rank = dims.size() + axes.length;
    Set<Integer> added = new HashSet<>();
    for (long axis : axes) {
      added.add((int) (axis < 0 ? axis + rank : axis));
    }
    List<Dim> result = new ArrayList<>();
    int next = 0;
    for (int axis = 0; axis < rank; axis++) {
      if (!added.contains(axis) && next == dims.size()) {
        return null;
      }
      result.add(added.contains(axis) ? Dim.of(1) : dims.get(next++));
    }
    return result;
  }

  /** With every axis kept. */
  static @Nullable List<Dim> reduced(List<Dim> dims, long @Nullable [] axes) {
    if (axes == null) {
      return null;
    }
    List<Dim> result = new ArrayList<>(dims);
    for (long axis : axes) {
      long place = axis < 0 ? axis + dims.size() : axis;
      if (place < 0 || place >= dims.size()) {
        return null;
      }
      result.set((int) place, Dim.of(1));
    }
    return result;
  }

  /** What the count of elements leaves for one axis of a reshaped value. */
  static Dim left(List<Dim> from, List<Dim> to, int open) {
    List<Dim> rest = new ArrayList<>(from);
    long divisor = 1;
    for (int axis = 0; axis < to.size(); axis++) {
      Dim dim = to.get(axis);
      if (axis != open && !rest.remove(dim)) {
        if (!Sizes.isKnown(dim)) {
          return Dim.UNKNOWN;
        }
        divisor = product(divisor, dim.size());
      }
    }
    List<Dim> names = rest.stream().filter(dim -> !Sizes.isKnown(dim)).toList();
    long count = 1;
    for (Dim dim : rest) {
      count = Sizes.isKnown(dim) ? product(count, dim.size()) : count;
    }
    if (count < 0 || divisor < 0 || count % divisor != 0 || names.size() > 1) {
      return Dim.UNKNOWN;
    }
    boolean alone = names.isEmpty() || count == divisor;
    return !alone ? Dim.UNKNOWN : names.isEmpty() ? Dim.of(count / divisor) : names.getFirst();
  }

  /** -1 if it is too large. */
  private static long product(long a, long b) {
    return a < 0 || Math.multiplyHigh(a, b) != 0 || a * b < 0 ? -1 : a * b;
  }
}
