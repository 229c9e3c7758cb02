package dev.skein.rewrite;

import dev.skein.graph.Attribute;
import dev.skein.graph.Attributes;
import dev.skein.graph.Dim;
import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import dev.skein.graph.TensorType;
import dev.skein.tensor.ElementType;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reductions in a row become one, and a reduction of the whole map a global pooling.
 *
 * <pre>
 * Before:     Reduce(Reduce(X; axes₁); axes₂), both ReduceMean, -Sum, -Max, -Min or -Prod
 *             ReduceMean(X; all spatial axes)
 *             AveragePool(X) or MaxPool(X) with a window as big as the map
 * After:      Reduce(X; axes₁ and axes₂)
 *             GlobalAveragePool(X), and Flatten behind it if the axes are dropped
 *             GlobalAveragePool(X) or GlobalMaxPool(X)
 * Conditions: ranks (for windows: sizes) are known, axes are constants; both reductions keep their
 *             axes or both drop them, and nothing else reads the value between; means are of
 *             floating-point numbers. Poolings: single precision, rank 4 or 5 (windows: from 3 on),
 *             no padding, and X not dequantised right there, since runtimes know such triples as one
 *             integer operator.
 * Formula:    a mean of means over equally many is the mean of all; likewise sums, …
 * </pre>
 */
public final class ReductionChain implements Rewrite {
  // A mean over the last of three axes is most likely a step of a layer normalisation.
  private static final int LEAST_REDUCED = 4;
  private static final int MOST_POOLED = 5;
  private static final Set<ElementType> FLOATING =
      EnumSet.of(ElementType.FLOAT, ElementType.DOUBLE, ElementType.FLOAT16, ElementType.BFLOAT16);

  @Override
  public String name() {
    return "reduction-chain";
  }

  @Override
  public Patch find(Scope scope) {
    Patch patch = new Patch();
    for (Node node : scope.nodes()) {
      if (patch.touches(node) || node.makes().size() != 1) {
        continue;
      }
      Reduction reduction = Reduction.of(scope, node);
      if (reduction != null) {
        if (!chain(scope, patch, node, reduction)) {
          pooling(scope, patch, node, reduction);
        }
      } else if (Scope.is(node, "AveragePool", "MaxPool") && coversMap(scope, node)) {
        String op = node.op().equals("MaxPool") ? "GlobalMaxPool" : "GlobalAveragePool";
        patch.replace(node, List.of(pool(op, node, node.outputs().getFirst())));
      }
    }
    return patch;
  }

  private static boolean chain(Scope scope, Patch patch, Node node, Reduction second) {
    Node maker = scope.maker(node.inputs().getFirst());
    Reduction first = maker == null ? null : Reduction.of(scope, maker);
    if (maker == null
        || first == null
        || !maker.op().equals(node.op())
        || first.keeps() != second.keeps()
        || patch.touches(maker)
        || (node.op().equals("ReduceMean") && !isFloating(scope, first.input()))
        || scope.onlyReader(node.inputs().getFirst()) == null) {
      return false;
    }
    patch.replace(node, List.of(first.and(second).write(scope, patch, node))).remove(maker);
    return true;
  }

  /** A mean of integers is rounded, so a mean of means may be another number. */
  private static boolean isFloating(Scope scope, String value) {
    TensorType type = scope.type(value);
    return type != null && FLOATING.contains(type.element());
  }

  private static void pooling(Scope scope, Patch patch, Node node, Reduction reduction) {
    int rank = scope.rank(node.inputs().getFirst());
    if (!Scope.is(node, "ReduceMean")
        || rank < LEAST_REDUCED
        || !isPooled(scope, node.inputs().getFirst())
        || !reduction.axes().equals(Reduction.range(2, rank))) {
      return;
    }
    String output = node.outputs().getFirst();
    if (reduction.keeps()) {
      patch.replace(node, List.of(pool("GlobalAveragePool", node, output)));
      return;
    }
    String pooled = scope.fresh(output + "_pooled");
    patch.replace(
        node,
        List.of(
            pool("GlobalAveragePool", node, pooled),
            Node.of("Flatten", List.of(pooled), List.of(output))
                .with("axis", new Attribute.OfInt(1))));
  }

  private static boolean coversMap(Scope scope, Node node) {
    String value = node.inputs().getFirst();
    return isPooled(scope, value)
        && map(scope, value).equals(Attributes.integers(node, "kernel_shape"))
        && Attributes.integers(node, "pads").stream().allMatch(pad -> pad == 0)
        && Attributes.integers(node, "dilations").stream().allMatch(step -> step == 1)
        && List.of("NOTSET", "VALID").contains(Attributes.text(node, "auto_pad", "NOTSET"));
  }

  /** Sizes of the spatial axes; -1 for an unknown one. */
  private static List<Long> map(Scope scope, String value) {
    TensorType type = scope.type(value);
    List<Dim> dims = type == null ? null : type.dims();
    return dims == null ? List.of() : dims.stream().skip(2).map(Dim::size).toList();
  }

  private static boolean isPooled(Scope scope, String value) {
    TensorType type = scope.type(value);
    int rank = scope.rank(value);
    return type != null
        && type.element() == ElementType.FLOAT
        && rank > 2
        && rank <= MOST_POOLED
        && !isDequantised(scope.maker(value));
  }

  private static boolean isDequantised(@Nullable Node maker) {
    return maker != null && maker.op().equals("DequantizeLinear");
  }

  private static Node pool(String op, Node old, String output) {
    return Nodes.like(old, op, old.inputs().subList(0, 1), List.of(output));
  }
}
