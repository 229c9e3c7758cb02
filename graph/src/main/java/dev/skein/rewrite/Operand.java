package dev.skein.rewrite;

import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node does to one value with a constant: y = sign · input + constant, or y = input ·
 * constant.
 *
 * @param sign 1 or -1; 1 for products
 */
record Operand(String input, boolean product, int sign, Tensor constant) {
  private static final long BROADCAST_OPSET = 7;
  private static final double CANCELLED = 1e-3;
  private static final long MOST_NUMBERS = 1 << 24;

  static @Nullable Operand of(Scope scope, Node node) {
    String input = Affine.variable(scope, node);
    if (input == null || scope.opset() < BROADCAST_OPSET) {
      return null;
    }
    boolean behind = node.inputs().getFirst().equals(input);
    Tensor constant = scope.floats(node.inputs().get(behind ? 1 : 0));
    if (constant == null || constant.shape().elements() > MOST_NUMBERS) {
      return null;
    }
    return switch (node.op()) {
      case "Add" -> new Operand(input, false, 1, constant);
      case "Sub" ->
          behind
              ? new Operand(input, false, 1, Numbers.map(constant, (i, value) -> -value))
              : new Operand(input, false, -1, constant);
      case "Mul" -> new Operand(input, true, 1, constant);
      default ->
          behind
              ? new Operand(input, true, 1, Numbers.map(constant, (i, value) -> 1 / value))
              : null;
    };
  }

  /**
   * Whether a value comes, through constants, from a product or quotient of two variables. Then the
   * constants may be the end of a GELU or a layer normalisation, which runtimes know as one.
   */
  static boolean endsPattern(Scope scope, String value) {
    Node maker = scope.maker(value);
    String variable = maker == null ? null : Affine.variable(scope, maker);
    while (variable != null) {
      maker = scope.maker(variable);
      variable = maker == null ? null : Affine.variable(scope, maker);
    }
    return Scope.is(maker, "Mul", "Div");
  }

  /** Both as one; null if they are not of a kind, or as one would be bigger or less exact. */
  @Nullable Operand then(Operand next) {
    Shape shape = common(constant.shape(), next.constant.shape());
    if (product != next.product
        || shape == null
        || shape.elements() > constant.shape().elements() + next.constant.shape().elements()) {
      return null;
    }
    double[] left = Numbers.of(constant);
    double[] right = Numbers.of(next.constant);
    double[] values = new double[Math.toIntExact(shape.elements())];
    for (int i = 0; i < values.length; i++) {
      double x = left[source(i, shape, constant.shape())];
      double y = right[source(i, shape, next.constant.shape())];
      values[i] = product ? x * y : next.sign * x + y;
      if (!Numbers.fit(values[i]) || isLost(values[i], x, y)) {
        return null;
      }
    }
    return new Operand(input, product, sign * next.sign, Numbers.tensor(shape, values));
  }

  /** Tiny factors may vanish together; and great terms that cancel out are there to round. */
  private boolean isLost(double value, double x, double y) {
    return product
        ? x != 0 && y != 0 && Math.abs(value) < Float.MIN_NORMAL
        : Math.abs(value) < CANCELLED * (Math.abs(x) + Math.abs(y));
  }

  private static @Nullable Shape common(Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    long[] dims = new long[rank];
    for (int axis = 0; axis < rank; axis++) {
      long one = dim(a, axis - rank + a.rank());
      long other = dim(b, axis - rank + b.rank());
      if (one != other && one != 1 && other != 1) {
        return null;
      }
      dims[axis] = one == 1 ? other : one;
    }
    return Shape.of(dims);
  }

  private static long dim(Shape shape, int axis) {
    return axis < 0 ? 1 : shape.dim(axis);
  }

  /** Where the element of a broadcast tensor comes from. */
  private static int source(int index, Shape whole, Shape part) {
    long left = index;
    long source = 0;
    long stride = 1;
    for (int axis = whole.rank() - 1; axis >= 0; axis--) {
      long at = left % whole.dim(axis);
      left /= whole.dim(axis);
      int own = axis - whole.rank() + part.rank();
      if (own >= 0) {
        source += part.dim(own) == 1 ? 0 : at * stride;
        stride *= part.dim(own);
      }
    }
    return (int) source;
  }

  Node write(Scope scope, Patch patch, Node old) {
    String stem = old.outputs().getFirst() + "_constant";
    String name = Numbers.add(scope, patch, stem, constant);
    return sign < 0
        ? Nodes.like(old, "Sub", List.of(name, input), old.outputs())
        : Nodes.like(old, product ? "Mul" : "Add", List.of(input, name), old.outputs());
  }
}
