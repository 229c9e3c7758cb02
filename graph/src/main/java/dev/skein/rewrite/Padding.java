package dev.skein.rewrite;

import dev.skein.graph.Attribute;
import dev.skein.graph.Attributes;
import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Padding goes into the operator behind it.
 *
 * <pre>
 * Before:     Conv(Pad(X; p, 0); pads)
 *             AveragePool(Pad(X; p, 0); pads)
 *             Pad(Pad(X; p, c); q, c)
 * After:      Conv(X; pads + p)
 *             AveragePool(X; pads + p, count_include_pad = 1)
 *             Pad(X; p + q, c)
 * Conditions: pads are constants, none negative, and, before Conv and AveragePool, of spatial axes
 *             only; mode is constant; auto_pad is NOTSET or VALID; nothing else reads the padded
 *             value. AveragePool counts its own padding or has none, does not round up, and its
 *             window is bigger than the padding. Never MaxPool, whose padding is -∞.
 * </pre>
 */
public final class Padding implements Rewrite {
  @Override
  public String name() {
    return "padding";
  }

  @Override
  public Patch find(Scope scope) {
    Patch patch = new Patch();
    for (Node node : scope.nodes()) {
      Pads pads = patch.touches(node) ? null : Pads.of(scope, node);
      Node reader = pads == null ? null : scope.onlyReader(node.outputs().getFirst());
      if (pads == null || reader == null || patch.touches(reader)) {
        continue;
      }
      Node joined =
          Scope.is(reader, "Pad")
              ? padded(scope, patch, pads, reader)
              : window(node.outputs().getFirst(), pads, reader);
      if (joined != null) {
        patch.replace(reader, List.of(joined)).remove(node);
      }
    }
    return patch;
  }

  private static @Nullable Node padded(Scope scope, Patch patch, Pads first, Node reader) {
    Pads second = Pads.of(scope, reader);
    return second == null
            || second.value() != first.value()
            || second.sizes().size() != first.sizes().size()
        ? null
        : first.write(scope, patch, second, reader);
  }

  private static @Nullable Node window(String padded, Pads pads, Node reader) {
    List<Long> spatial = pads.spatial();
    boolean pool = Scope.is(reader, "AveragePool");
    if ((!pool && !Scope.is(reader, "Conv"))
        || spatial == null
        || pads.value() != 0
        || reader.inputs().lastIndexOf(padded) != 0) {
      return null;
    }
    List<Long> own = own(reader, spatial.size());
    if (own == null || own.size() != spatial.size()) {
      return null;
    }
    List<Long> sum = Pads.sum(own, spatial);
    if (pool && !fits(reader, own, sum)) {
      return null;
    }
    Node bare = Attributes.without(reader, "auto_pad").with("pads", new Attribute.OfInts(sum));
    Node counted = pool ? bare.with("count_include_pad", new Attribute.OfInt(1)) : bare;
    return Nodes.onFirst(counted, pads.input(), reader.outputs());
  }

  /** Null if they depend on the size of the map. */
  private static @Nullable List<Long> own(Node node, int count) {
    return switch (Attributes.text(node, "auto_pad", "NOTSET")) {
      case "NOTSET" -> Attributes.integers(node, "pads", count, 0);
      case "VALID" -> Collections.nCopies(count, 0L);
      default -> null;
    };
  }

  private static boolean fits(Node pool, List<Long> own, List<Long> sum) {
    List<Long> kernel = Attributes.integers(pool, "kernel_shape");
    boolean counted =
        Attributes.integer(pool, "count_include_pad", 0) != 0
            || own.stream().allMatch(size -> size == 0);
    if (!counted || Attributes.integer(pool, "ceil_mode", 0) != 0 || kernel.isEmpty()) {
      return false;
    }
    for (int i = 0; i < sum.size(); i++) {
      if (sum.get(i) >= kernel.get(i % kernel.size())) {
        return false;
      }
    }
    return true;
  }
}
