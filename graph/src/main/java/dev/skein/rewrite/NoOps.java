package dev.skein.rewrite;

import dev.skein.graph.Attribute;
import dev.skein.graph.Attributes;
import dev.skein.graph.Dim;
import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import dev.skein.graph.TensorType;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Nodes that give back what they are given.
 *
 * <pre>
 * Before: y = Identity(x); z = Op(y)
 * After: z = Op(x)
 *
 * Before: y = Cast(x) to=B; z = Cast(y) to=C
 * After: z = Cast(x) to=C, or x itself where it is of type C
 *
 * Conditions: element type and every size of y are provably those of x. That is so for
 *   Identity, Dropout outside training whose mask nobody reads, Cast to the same type;
 *   Transpose in order; Reshape, Flatten, Squeeze, Unsqueeze, Expand, Slice to the same sizes;
 *   Tile by 1, Pad by 0, Concat, Sum, Max, Min, Mean of one, Split into one;
 *   x + 0, x − 0, x · 1, x / 1, x ^ 1 where the constant does not broadcast x; Clip without bounds.
 *   Two Casts become one if the first loses nothing. The model's opset is at least 7.
 * Formula: y = x.
 * </pre>
 */
public final class NoOps implements Rewrite {
  private static final int LEAST_OPSET = 7;
  private static final float GREATEST = Float.MAX_VALUE;

  @Override
  public String name() {
    return "no-ops";
  }

  @Override
  public Patch find(Scope scope) {
    return scope.opset() < LEAST_OPSET ? new Patch() : new Search(scope).find();
  }

  private static final class Search {
    private final Scope scope;
    private final Sizes sizes;
    private final Patch patch = new Patch();
    private final Map<String, String> sources = new HashMap<>();

    Search(Scope scope) {
      this.scope = scope;
      this.sizes = Sizes.of(scope);
    }

    Patch find() {
      for (Node node : scope.nodes()) {
        if (node.inputs().isEmpty() || node.outputs().isEmpty() || !makesOne(node)) {
          continue;
        }
        String kept = kept(node);
        if (kept != null) {
          drop(node, kept);
        } else if (Scope.is(node, "Cast")) {
          shortenCasts(node);
        }
      }
      return patch;
    }

    private boolean makesOne(Node node) {
      return !node.outputs().getFirst().isEmpty()
          && node.makes().stream()
              .skip(1)
              .allMatch(value -> scope.readers(value).isEmpty() && !scope.isOutput(value));
    }

    private void drop(Node node, String kept) {
      String value = node.outputs().getFirst();
      String source = sources.getOrDefault(kept, kept);
      if (!source.isEmpty() && scope.mayRedirect(value, source)) {
        patch.remove(node).redirect(value, source);
        sources.put(value, source);
      }
    }

    /** The input that the node's first output equals; null if it may differ. */
    private @Nullable String kept(Node node) {
      String first = node.inputs().getFirst();
      boolean same =
          switch (Scope.is(node, node.op()) ? node.op() : "") {
            case "Identity" -> true;
            case "Dropout" -> isInference(node);
            case "Cast" -> element(first) != null && element(first) == target(node);
            case "Transpose" -> isInOrder(Attributes.integers(node, "perm"));
            case "Reshape" -> isReshapedToItself(node) || keepsCount(node);
            case "Flatten", "Squeeze", "Unsqueeze" -> keepsCount(node);
            case "Expand" -> (isAll(node, 1, 1) && reaches(node)) || keepsSizes(node);
            case "Slice" -> isWhole(node);
            case "Tile" -> isAll(node, 1, 1);
            case "Pad" -> isUnpadded(node);
            case "Concat", "Sum", "Max", "Min", "Mean" -> node.inputs().size() == 1;
            case "Split" -> node.outputs().size() == 1;
            case "Clip" -> isUnbounded(node);
            default -> false;
          };
      if (same) {
        return first;
      }
      return Scope.is(node, "Add", "Sub", "Mul", "Div", "Pow") ? Neutral.kept(scope, node) : null;
    }

    private @Nullable ElementType element(String value) {
      TensorType type = scope.type(value);
      return type == null ? null : type.element();
    }

    private static @Nullable ElementType target(Node cast) {
      long code = Attributes.integer(cast, "to", 0);
      boolean known = code >= 1 && code <= ElementType.values().length;
      return known ? ElementType.ofCode((int) code) : null;
    }

    private boolean isInference(Node node) {
      if (scope.opset() < 12 || node.inputs().size() < 3 || node.inputs().get(2).isEmpty()) {
        return true;
      }
      Tensor training = scope.constant(node.inputs().get(2));
      return training != null
          && training.type() == ElementType.BOOL
          && training.bytes() == 1
          && training.data().get(ValueLayout.JAVA_BYTE, 0) == 0;
    }

    private static boolean isInOrder(List<Long> axes) {
      for (int i = 0; i < axes.size(); i++) {
        if (axes.get(i) != i) {
          return false;
        }
      }
      return !axes.isEmpty();
    }

    private boolean keepsSizes(Node node) {
      return sizes.same(dims(node.inputs().getFirst()), dims(node.outputs().getFirst()));
    }

    private boolean keepsCount(Node node) {
      return sizes.sameOfOneCount(dims(node.inputs().getFirst()), dims(node.outputs().getFirst()));
    }

    private @Nullable List<Dim> dims(String value) {
      return Sizes.dims(scope, value);
    }

    // 0 copies an axis; then what is left for a -1 is its own size.
    private boolean isReshapedToItself(Node node) {
      long[] target = integers(node, 1);
      return target != null
          && target.length == scope.rank(node.inputs().getFirst())
          && Attributes.integer(node, "allowzero", 0) == 0
          && Arrays.stream(target).filter(size -> size != 0).count() <= 1
          && Arrays.stream(target).allMatch(size -> size == 0 || size == -1);
    }

    private boolean isAll(Node node, int input, long number) {
      long[] values = integers(node, input);
      return values != null && Arrays.stream(values).allMatch(value -> value == number);
    }

    // Fewer axes than the value has do not give it more.
    private boolean reaches(Node expand) {
      long[] target = integers(expand, 1);
      return target != null && target.length <= scope.rank(expand.inputs().getFirst());
    }

    private boolean isWhole(Node slice) {
      boolean stepped = slice.inputs().size() > 4 && !slice.inputs().get(4).isEmpty();
      long[] steps = stepped ? integers(slice, 4) : new long[] {1};
      if (steps == null || Arrays.stream(steps).anyMatch(step -> step < 1)) {
        return false;
      }
      if (keepsSizes(slice)) {
        return true;
      }
      long[] ends = integers(slice, 2);
      return Arrays.stream(steps).allMatch(step -> step == 1)
          && isAll(slice, 1, 0)
          && ends != null
          && Arrays.stream(ends).allMatch(end -> end >= Integer.MAX_VALUE);
    }

    private boolean isUnpadded(Node pad) {
      if (scope.opset() >= 11) {
        return isAll(pad, 1, 0);
      }
      List<Long> pads = Attributes.integers(pad, "pads");
      return !pads.isEmpty() && pads.stream().allMatch(size -> size == 0);
    }

    private boolean isUnbounded(Node clip) {
      if (scope.opset() < 11) {
        return Attributes.number(clip, "min", -GREATEST) <= -GREATEST
            && Attributes.number(clip, "max", GREATEST) >= GREATEST;
      }
      return isBeyond(clip, 1, -1) && isBeyond(clip, 2, 1);
    }

    private boolean isBeyond(Node clip, int input, int sign) {
      if (clip.inputs().size() <= input || clip.inputs().get(input).isEmpty()) {
        return true;
      }
      Tensor bound = scope.floats(clip.inputs().get(input));
      return bound != null
          && bound.shape().elements() == 1
          && sign * bound.data().get(Tensor.FLOAT, 0) >= GREATEST;
    }

    private long @Nullable [] integers(Node node, int input) {
      return node.inputs().size() > input ? Integers.of(scope, node.inputs().get(input)) : null;
    }

    private void shortenCasts(Node outer) {
      Node inner = scope.maker(outer.inputs().getFirst());
      if (!Scope.is(inner, "Cast") || inner == null || patch.touches(inner)) {
        return;
      }
      ElementType first = element(inner.inputs().getFirst());
      ElementType second = target(inner);
      ElementType third = target(outer);
      if (first == null || second == null || third == null || !Casts.isOne(first, second, third)) {
        return;
      }
      boolean alone = scope.onlyReader(inner.outputs().getFirst()) != null;
      if (first == third) {
        drop(outer, inner.inputs().getFirst());
        if (alone && patch.touches(outer)) {
          patch.remove(inner);
        }
      } else if (alone) {
        Node one =
            Node.of("Cast", inner.inputs(), outer.outputs())
                .with("to", new Attribute.OfInt(third.code()));
        patch.remove(inner).replace(outer, List.of(one));
      }
    }
  }
}
