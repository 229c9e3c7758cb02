package dev.skein.rewrite;

import dev.skein.graph.Dim;
import dev.skein.graph.Node;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Operands that leave the other one as it is: 0 in a sum, 1 in a product. */
final class Neutral {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Neutral() {}

  /** The operand that such a node gives back as it came; null if it may change it. */
  static @Nullable String kept(Scope scope, Node node) {
    if (node.inputs().size() != 2) {
      return null;
    }
    int number = Scope.is(node, "Add", "Sub") ? 0 : 1;
    if (isNeutral(scope, node, 1, number)) {
      return node.inputs().getFirst();
    }
    boolean symmetric = Scope.is(node, "Add", "Mul");
    return symmetric && isNeutral(scope, node, 0, number) ? node.inputs().getLast() : null;
  }

  private static boolean isNeutral(Scope scope, Node node, int operand, int number) {
    Tensor tensor = scope.constant(node.inputs().get(operand));
    return tensor != null
        && isWithin(tensor.shape(), scope, node.inputs().get(1 - operand))
        && isAll(tensor, number);
  }

  /** Whether broadcasting a constant of this shape leaves the value's own shape as it is. */
  private static boolean isWithin(Shape shape, Scope scope, String value) {
    if (shape.rank() == 0) {
      return true;
    }
    List<Dim> dims = Sizes.dims(scope, value);
    if (dims == null || dims.size() < shape.rank()) {
      return false;
    }
    int ahead = dims.size() - shape.rank();
    for (int axis = 0; axis < shape.rank(); axis++) {
      Dim dim = dims.get(ahead + axis);
      if (shape.dim(axis) != 1 && !(Sizes.isKnown(dim) && dim.size() == shape.dim(axis))) {
        return false;
      }
    }
    return true;
  }

  // Ends at the first other number, so big weights cost nothing.
  private static boolean isAll(Tensor tensor, int number) {
    MemorySegment data = tensor.data();
    long count = tensor.shape().elements();
    for (long i = 0; i < count; i++) {
      boolean equal =
          switch (tensor.type()) {
            case FLOAT -> data.getAtIndex(Tensor.FLOAT, i) == number;
            case DOUBLE -> data.getAtIndex(DOUBLE, i) == number;
            case FLOAT16 -> Float.float16ToFloat(data.getAtIndex(SHORT, i)) == number;
            case INT64 -> data.getAtIndex(Tensor.INT64, i) == number;
            case INT32 -> data.getAtIndex(INT, i) == number;
            default -> false;
          };
      if (!equal) {
        return false;
      }
    }
    return count > 0;
  }
}
