package dev.skein.slice;

import dev.skein.graph.Attribute;
import dev.skein.graph.Attributes;
import dev.skein.graph.Node;
import dev.skein.rewrite.Scope;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A convolution over any number of spatial axes, with groups or without; quantised ones too.
 *
 * @param filters the weights, output channels × input channels of a group × kernel
 * @param perOutput inputs that have one number for each output channel
 */
record ConvLayer(Node node, String weight, Shape filters, long groups, List<Integer> perOutput)
    implements Layer {
  private static final int CHANNELS = 1;

  static @Nullable ConvLayer of(Scope scope, Node node) {
    boolean quantised = Scope.is(node, "QLinearConv");
    if (!quantised && !Scope.is(node, "Conv")) {
      return null;
    }
    int at = quantised ? 3 : 1;
    Tensor weight = node.inputs().size() > at ? scope.constant(node.inputs().get(at)) : null;
    if (weight == null || weight.shape().rank() < 3 || !TensorParts.canTake(weight)) {
      return null;
    }
    List<Integer> perOutput = new ArrayList<>();
    for (int i : quantised ? List.of(4, 5, 8) : List.of(2)) {
      if (i >= node.inputs().size() || node.inputs().get(i).isEmpty()) {
        continue;
      }
      Tensor tensor = scope.constant(node.inputs().get(i));
      if (tensor == null) {
        return null;
      }
      if (tensor.shape().rank() == 1 && tensor.shape().dim(0) == weight.shape().dim(0)) {
        perOutput.add(i);
      }
    }
    long groups = Attributes.integer(node, "group", 1);
    boolean whole = groups > 0 && weight.shape().dim(0) % groups == 0;
    return whole
        ? new ConvLayer(node, node.inputs().get(at), weight.shape(), groups, perOutput)
        : null;
  }

  /** Whether it has one filter for each channel of its input. */
  boolean isDepthwise() {
    return groups == filters.dim(0) && filters.dim(1) == 1 && groups > 1;
  }

  @Override
  public int dataAxis() {
    return CHANNELS;
  }

  @Override
  public int outputAxis() {
    return CHANNELS;
  }

  @Override
  public int outputRank() {
    return filters.rank();
  }

  @Override
  public long outputs() {
    return filters.dim(0);
  }

  @Override
  public long inputs() {
    return groups * filters.dim(1);
  }

  @Override
  public boolean isDense() {
    return groups == 1 && node.op().equals("Conv");
  }

  private long perGroup() {
    return outputs() / groups;
  }

  @Override
  public long @Nullable [] outputBounds(int pieces) {
    if (pieces <= groups) {
      long[] bounds = Shares.bounds(Shares.equal(groups, pieces));
      return LongStream.of(bounds).map(group -> group * perGroup()).toArray();
    }
    if (pieces > outputs()) {
      return null;
    }
    // Several pieces for each group.
    List<Long> sizes = new ArrayList<>();
    for (long count : Shares.equal(pieces, Math.toIntExact(groups))) {
      for (long size : Shares.equal(perGroup(), Math.toIntExact(count))) {
        sizes.add(size);
      }
    }
    return Shares.bounds(sizes.stream().mapToLong(Long::longValue).toArray());
  }

  @Override
  public boolean allows(long from, long to) {
    boolean wholeGroups = from % perGroup() == 0 && to % perGroup() == 0;
    return groups == 1 || wholeGroups || from / perGroup() == (to - 1) / perGroup();
  }

  @Override
  public @Nullable Region needs(long from, long to) {
    if (groups == 1) {
      return null;
    }
    long first = from / perGroup();
    long last = (to - 1) / perGroup();
    return new Region(CHANNELS, first * filters.dim(1), (last + 1) * filters.dim(1));
  }

  @Override
  public Node takeOutputs(long[] channels, Parts parts) {
    List<String> inputs = new ArrayList<>(node.inputs());
    inputs.set(node.op().equals("Conv") ? 1 : 3, parts.take(weight, 0, channels));
    for (int i : perOutput) {
      inputs.set(i, parts.take(node.inputs().get(i), 0, channels));
    }
    Node part = node.withInputs(inputs);
    if (groups == 1) {
      return part;
    }
    long kept = Math.max(1, channels.length / perGroup());
    return part.with("group", new Attribute.OfInt(kept));
  }

  @Override
  public Node takeInputs(long[] channels, boolean bias, Parts parts) {
    List<String> inputs = new ArrayList<>(node.inputs().subList(0, 2));
    inputs.set(1, parts.take(weight, 1, channels));
    if (bias && node.inputs().size() > 2) {
      inputs.add(node.inputs().get(2));
    }
    return node.withInputs(inputs);
  }

  @Override
  public int weightAxis() {
    return 0;
  }
}
