package dev.skein.rewrite;

import dev.skein.graph.Attribute;
import dev.skein.graph.Attributes;
import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * What a Pad of constant mode adds.
 *
 * @param sizes at the start of every axis, then at the end of every axis; none negative
 * @param value what it is filled with
 */
record Pads(String input, List<Long> sizes, double value) {
  private static final long FIRST_OPSET = 2;
  private static final long INPUTS_OPSET = 11;

  /** Null for other nodes, and if something is not known. */
  static @Nullable Pads of(Scope scope, Node node) {
    if (!Scope.is(node, "Pad")
        || node.makes().size() != 1
        || scope.opset() < FIRST_OPSET
        || !Attributes.text(node, "mode", "constant").equals("constant")) {
      return null;
    }
    List<Long> sizes;
    Double value;
    if (scope.opset() < INPUTS_OPSET) {
      sizes = Attributes.integers(node, "pads");
      value = Attributes.number(node, "value", 0);
    } else {
      sizes = sizes(scope, node);
      value = input(node, 2).isEmpty() ? (Double) 0.0 : Numbers.scalar(scope, input(node, 2));
    }
    return sizes == null
            || value == null
            || sizes.isEmpty()
            || sizes.size() % 2 != 0
            || sizes.stream().anyMatch(size -> size < 0)
        ? null
        : new Pads(node.inputs().getFirst(), sizes, value);
  }

  private static @Nullable List<Long> sizes(Scope scope, Node node) {
    long[] given = Numbers.integers(scope, input(node, 1));
    if (given == null) {
      return null;
    }
    if (input(node, 3).isEmpty()) {
      return LongStream.of(given).boxed().toList();
    }
    long[] axes = Numbers.integers(scope, input(node, 3));
    int rank = scope.rank(node.inputs().getFirst());
    if (axes == null || rank < 0 || given.length != 2 * axes.length) {
      return null;
    }
    List<Long> sizes = new ArrayList<>(Collections.nCopies(2 * rank, 0L));
    for (int i = 0; i < axes.length; i++) {
      int axis = (int) (axes[i] < 0 ? axes[i] + rank : axes[i]);
      if (axis < 0 || axis >= rank) {
        return null;
      }
      sizes.set(axis, given[i]);
      sizes.set(axis + rank, given[i + axes.length]);
    }
    return sizes;
  }

  private static String input(Node node, int place) {
    return node.inputs().size() > place ? node.inputs().get(place) : "";
  }

  /** The sizes of the axes behind batch and channel; null if those two are padded, or alone. */
  @Nullable List<Long> spatial() {
    int rank = sizes.size() / 2;
    if (rank < 3) {
      return null;
    }
    List<Long> outer = new ArrayList<>(sizes.subList(0, 2));
    outer.addAll(sizes.subList(rank, rank + 2));
    List<Long> spatial = new ArrayList<>(sizes.subList(2, rank));
    spatial.addAll(sizes.subList(rank + 2, 2 * rank));
    return outer.stream().allMatch(size -> size == 0) ? spatial : null;
  }

  static List<Long> sum(List<Long> some, List<Long> others) {
    List<Long> sum = new ArrayList<>(some);
    for (int i = 0; i < sum.size(); i++) {
      sum.set(i, sum.get(i) + others.get(i));
    }
    return sum;
  }

  /** These in front of those of {@code next}, in the place of its node. */
  Node write(Scope scope, Patch patch, Pads next, Node node) {
    List<Long> both = sum(sizes, next.sizes);
    List<String> inputs = new ArrayList<>(List.of(input));
    Node changed = node;
    if (scope.opset() < INPUTS_OPSET) {
      changed = node.with("pads", new Attribute.OfInts(both));
    } else {
      long[] values = both.stream().mapToLong(size -> size).toArray();
      Tensor tensor = Tensor.ofLongs(Shape.of(values.length), values);
      inputs.add(Numbers.add(scope, patch, node.outputs().getFirst() + "_pads", tensor));
      if (!input(node, 2).isEmpty()) {
        inputs.add(input(node, 2));
      }
    }
    return Nodes.on(changed, inputs, node.outputs());
  }
}
