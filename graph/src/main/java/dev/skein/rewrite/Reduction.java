package dev.skein.rewrite;

import dev.skein.graph.Attribute;
import dev.skein.graph.Attributes;
import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * What a reducing node does.
 *
 * @param rank of the input
 * @param axes that it reduces, in order, none negative
 * @param keeps whether they stay, with size 1
 */
record Reduction(String input, int rank, List<Long> axes, boolean keeps) {
  private static final long SUM_INPUT_OPSET = 13;
  private static final long INPUT_OPSET = 18;

  static @Nullable Reduction of(Scope scope, Node node) {
    if (!Scope.is(node, "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd")
        || node.makes().size() != 1) {
      return null;
    }
    String input = node.inputs().getFirst();
    int rank = scope.rank(input);
    List<Long> axes = rank < 1 ? null : axes(scope, node, rank);
    return axes == null
        ? null
        : new Reduction(input, rank, axes, Attributes.integer(node, "keepdims", 1) != 0);
  }

  private static @Nullable List<Long> axes(Scope scope, Node node, int rank) {
    List<Long> given = Attributes.integers(node, "axes");
    if (takesInput(scope, node)) {
      String name = node.inputs().size() > 1 ? node.inputs().get(1) : "";
      long[] values = name.isEmpty() ? new long[0] : Numbers.integers(scope, name);
      if (values == null) {
        return null;
      }
      given = LongStream.of(values).boxed().toList();
    }
    if (given.isEmpty()) {
      return Attributes.integer(node, "noop_with_empty_axes", 0) == 0 ? range(0, rank) : null;
    }
    TreeSet<Long> axes = new TreeSet<>();
    for (long axis : given) {
      if (axis < -rank || axis >= rank) {
        return null;
      }
      axes.add(axis < 0 ? axis + rank : axis);
    }
    return List.copyOf(axes);
  }

  static List<Long> range(int from, int to) {
    return LongStream.range(from, to).boxed().toList();
  }

  private static boolean takesInput(Scope scope, Node node) {
    return scope.opset() >= (node.op().equals("ReduceSum") ? SUM_INPUT_OPSET : INPUT_OPSET);
  }

  /** Both as one; {@code next} counts its axes in what this leaves. */
  Reduction and(Reduction next) {
    List<Long> left = new ArrayList<>(range(0, rank));
    if (!keeps) {
      left.removeAll(axes);
    }
    TreeSet<Long> all = new TreeSet<>(axes);
    next.axes.forEach(axis -> all.add(left.get(Math.toIntExact(axis))));
    return new Reduction(input, rank, List.copyOf(all), keeps);
  }

  /** In the place of a node of the same operator. */
  Node write(Scope scope, Patch patch, Node old) {
    List<String> inputs = new ArrayList<>(List.of(input));
    Node bare = Attributes.without(old, "axes");
    if (takesInput(scope, old)) {
      long[] values = axes.stream().mapToLong(axis -> axis).toArray();
      Tensor tensor = Tensor.ofLongs(Shape.of(values.length), values);
      inputs.add(Numbers.add(scope, patch, old.outputs().getFirst() + "_axes", tensor));
    } else {
      bare = bare.with("axes", new Attribute.OfInts(axes));
    }
    return Nodes.on(bare, inputs, old.outputs());
  }
}
