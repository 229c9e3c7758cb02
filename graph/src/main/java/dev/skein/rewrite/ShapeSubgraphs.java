package dev.skein.rewrite;

import dev.skein.graph.Attributes;
import dev.skein.graph.Dim;
import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import dev.skein.rewrite.SizeValues.Item;
import dev.skein.rewrite.SizeValues.Sequence;
import dev.skein.tensor.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Arithmetic on sizes that are known beforehand becomes constant.
 *
 * <pre>
 * Before: s = Shape(x); c = Gather(s, 1); y = Op(c), x of N×64×7×7
 * After: weight c = 64; y = Op(c)
 *
 * Before: s = Shape(x); n = Gather(s, [0]); t = Concat(n, [-1]); y = Reshape(x, t)
 * After: y = Reshape(x, [0, -1])
 *
 * Conditions: every number follows from known sizes by Shape, Size, Gather, Slice, Concat, Cast,
 *   Squeeze, Unsqueeze, Reshape and + − · /; the caller does not get it. A Reshape's unknown
 *   numbers are each the size of the same axis of its input (0), or there is only one, among others
 *   that are known and above 0 (-1).
 * Formula: Shape(x)[i] = size of axis i; 0 copies it, -1 is what the count of elements leaves.
 * </pre>
 */
public final class ShapeSubgraphs implements Rewrite {
  @Override
  public String name() {
    return "shape-subgraphs";
  }

  @Override
  public Patch find(Scope scope) {
    return new Search(scope).find();
  }

  private static final class Search {
    private final Scope scope;
    private final SizeInference sizes;
    private final Patch patch = new Patch();

    Search(Scope scope) {
      this.scope = scope;
      this.sizes = SizeInference.of(scope);
    }

    Patch find() {
      for (Node node : scope.nodes()) {
        Sequence made = node.outputs().isEmpty() ? null : sizes.numbers(node.outputs().getFirst());
        long[] numbers = made == null ? null : made.numbers();
        if (made != null && numbers != null) {
          String value = node.outputs().getFirst();
          Shape shape = made.isScalar() ? Shape.of() : Shape.of(numbers.length);
          if (!scope.isOutput(value)) {
            patch.remove(node).weight(value, Integers.weight(made.type(), shape, numbers));
          }
        } else if (Scope.is(node, "Reshape") && node.inputs().size() == 2) {
          settle(node);
        }
      }
      return patch;
    }

    private void settle(Node reshape) {
      String x = reshape.inputs().getFirst();
      String value = reshape.inputs().getLast();
      String y = reshape.outputs().getFirst();
      if (scope.maker(value) == null) {
        return;
      }
      Sequence computed = sizes.numbers(value);
      boolean copies = Attributes.integer(reshape, "allowzero", 0) == 0;
      long[] target = computed == null ? null : target(x, computed.items(), copies);
      if (target == null && !scope.isOutput(y)) {
        target = Sizes.target(sizes.dims(x), sizes.dims(y));
      }
      if (target != null) {
        String name = scope.fresh(y + "_shape");
        Node settled = Node.of("Reshape", List.of(x, name), List.of(y));
        patch.weight(name, Integers.sizes(target)).replace(reshape, List.of(settled));
      }
    }

    private long @Nullable [] target(String x, List<Item> items, boolean copies) {
      long[] target = new long[items.size()];
      int open = 0;
      boolean copied = true;
      boolean positive = true;
      for (int axis = 0; axis < target.length; axis++) {
        Long number = items.get(axis).number();
        if (number == null) {
          open++;
          copied &= isSame(items.get(axis), x, axis);
        } else {
          target[axis] = number;
          positive &= number > 0;
        }
      }
      if (open == 0 || (!(copies && copied) && !(open == 1 && positive))) {
        return null;
      }
      for (int axis = 0; axis < target.length; axis++) {
        if (items.get(axis).number() == null) {
          target[axis] = copies && copied ? 0 : -1;
        }
      }
      return target;
    }

    private boolean isSame(Item item, String x, int axis) {
      List<Dim> dims = sizes.dims(x);
      return dims != null
          && item.symbol() != null
          && axis < dims.size()
          && item.symbol().equals(dims.get(axis).symbol());
    }
  }
}
