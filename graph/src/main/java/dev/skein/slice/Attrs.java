package dev.skein.slice;

import dev.skein.graph.Attribute;
import dev.skein.graph.Node;
import dev.skein.rewrite.Scope;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Tensor;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Reads attributes with their defaults. */
final class Attrs {
  /** Sums and products of a few such numbers do not overflow. */
  private static final long LIMIT = Integer.MAX_VALUE;

  private Attrs() {}

  /** Null if it is not there. */
  static @Nullable List<Long> integers(Node node, String name) {
    return node.attributes().get(name) instanceof Attribute.OfInts(List<Long> values)
        ? values
        : null;
  }

  /**
   * So many numbers, each {@code otherwise} if the attribute is not there; null if it is there with
   * another count, or with numbers that no layer has.
   */
  static @Nullable List<Long> integers(Node node, String name, int count, long otherwise) {
    List<Long> values = integers(node, name);
    if (values == null) {
      return Collections.nCopies(count, otherwise);
    }
    boolean sane = values.size() == count && values.stream().allMatch(v -> v >= 0 && v < LIMIT);
    return sane ? values : null;
  }

  /** What older operator sets keep in an attribute and newer ones in an input; null if neither. */
  static @Nullable List<Long> attributeOrInput(Scope scope, Node node, String name, int input) {
    List<Long> values = integers(node, name);
    if (values != null || node.inputs().size() <= input) {
      return values;
    }
    return longs(scope.constant(node.inputs().get(input)));
  }

  static @Nullable List<Long> longs(@Nullable Tensor tensor) {
    if (tensor == null || tensor.type() != ElementType.INT64) {
      return null;
    }
    return LongStream.of(tensor.data().toArray(Tensor.INT64)).boxed().toList();
  }
}
