package dev.skein.rewrite;

import dev.skein.graph.Attributes;
import dev.skein.graph.Dim;
import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Two changes of shape in a row become one, or none.
 *
 * <pre>
 * Before: a = Reshape(x, s); y = Reshape(a, t), where either may be Flatten, Squeeze or Unsqueeze
 * After: y = Reshape(x, u), or x itself if y provably has the sizes of x
 *
 * Conditions: nothing else uses a (it may, if y is x). The sizes of y follow from those of x: all
 *   but one are known (that one becomes -1), or t is constant and every 0 in it copies an axis that
 *   stands at the same place in x. Or: Squeeze and Unsqueeze of the same axes.
 * Formula: none of them moves an element: y holds those of x in row-major order.
 * </pre>
 */
public final class Reshapes implements Rewrite {
  private static final int LEAST_OPSET = 7;
  private static final int AXES_ARE_INPUTS = 13;
  private static final String[] KINDS = {"Reshape", "Flatten", "Squeeze", "Unsqueeze"};

  @Override
  public String name() {
    return "reshapes";
  }

  @Override
  public Patch find(Scope scope) {
    return scope.opset() < LEAST_OPSET ? new Patch() : new Search(scope).find();
  }

  private static final class Search {
    private final Scope scope;
    private final Sizes sizes;
    private final Patch patch = new Patch();
    // Equal targets share a weight.
    private final Map<List<Long>, String> targets = new HashMap<>();

    Search(Scope scope) {
      this.scope = scope;
      this.sizes = Sizes.of(scope);
    }

    Patch find() {
      for (Node last : scope.nodes()) {
        if (Scope.is(last, KINDS)) {
          Node first = scope.maker(last.inputs().getFirst());
          if (first != null && Scope.is(first, KINDS) && !patch.touches(first)) {
            join(first, last);
          }
        }
      }
      return patch;
    }

    private void join(Node first, Node last) {
      String x = first.inputs().getFirst();
      String a = first.outputs().getFirst();
      String y = last.outputs().getFirst();
      boolean alone = scope.onlyReader(a) != null;
      boolean back =
          undoes(first, last) || sizes.sameOfOneCount(Sizes.dims(scope, x), Sizes.dims(scope, y));
      if (back && scope.mayRedirect(y, x)) {
        patch.remove(last).redirect(y, x);
      } else if (alone) {
        long[] target = target(x, a, last);
        if (target == null) {
          return;
        }
        Node one = Node.of("Reshape", List.of(x, weight(y, target)), List.of(y));
        patch.replace(last, List.of(one));
      } else {
        return;
      }
      if (alone) {
        patch.remove(first);
      }
    }

    private String weight(String stem, long[] target) {
      return targets.computeIfAbsent(
          Arrays.stream(target).boxed().toList(),
          ignored -> {
            String name = scope.fresh(stem + "_shape");
            patch.weight(name, Integers.sizes(target));
            return name;
          });
    }

    /** Squeeze and Unsqueeze of the same axes, whatever the sizes. */
    private boolean undoes(Node first, Node last) {
      boolean pair =
          (Scope.is(first, "Squeeze") && Scope.is(last, "Unsqueeze"))
              || (Scope.is(first, "Unsqueeze") && Scope.is(last, "Squeeze"));
      if (!pair) {
        return false;
      }
      long[] one = axes(first);
      long[] other = axes(last);
      return one != null && other != null && one.length > 0 && Arrays.equals(one, other);
    }

    private long @Nullable [] axes(Node node) {
      if (scope.opset() >= AXES_ARE_INPUTS) {
        return node.inputs().size() > 1 ? Integers.of(scope, node.inputs().get(1)) : null;
      }
      return Attributes.integers(node, "axes").stream().mapToLong(Long::longValue).toArray();
    }

    /** What to reshape x to so that it becomes what {@code last} makes of a; null if unknown. */
    private long @Nullable [] target(String x, String a, Node last) {
      long[] declared =
          Sizes.target(Sizes.dims(scope, x), Sizes.dims(scope, last.outputs().getFirst()));
      if (declared != null) {
        return declared;
      }
      boolean constant = Scope.is(last, "Reshape") && last.inputs().size() == 2;
      long[] target = constant ? Integers.of(scope, last.inputs().get(1)) : null;
      if (target == null || Attributes.integer(last, "allowzero", 0) != 0) {
        return null;
      }
      for (int axis = 0; axis < target.length; axis++) {
        if (target[axis] == 0 && !isSameAxis(x, a, axis)) {
          return null;
        }
      }
      return target;
    }

    private boolean isSameAxis(String x, String a, int axis) {
      List<Dim> one = Sizes.dims(scope, x);
      List<Dim> other = Sizes.dims(scope, a);
      return one != null
          && other != null
          && axis < Math.min(one.size(), other.size())
          && sizes.same(one.get(axis), other.get(axis));
    }
  }
}
