package dev.skein.rewrite;

import dev.skein.graph.Attribute;
import dev.skein.graph.Attributes;
import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.jspecify.annotations.Nullable;

/**
 * Conv with weights [outputs, inputs / groups, kernel…], or ConvTranspose with weights [inputs,
 * outputs / groups, kernel…].
 */
final class Convolution implements Linear {
  private final Node node;
  private final Tensor weight;
  private final double @Nullable [] bias;
  private final long groups;
  // Weights between one input channel and one output channel.
  private final long kernel;

  private Convolution(Node node, Tensor weight, double @Nullable [] bias) {
    this.node = node;
    this.weight = weight;
    this.bias = bias;
    this.groups = Attributes.integer(node, "group", 1);
    this.kernel = weight.shape().elements() / weight.shape().dim(0) / weight.shape().dim(1);
  }

  static @Nullable Convolution of(Scope scope, Node node) {
    if (!Scope.is(node, "Conv", "ConvTranspose")) {
      return null;
    }
    Tensor weight = scope.floats(node.inputs().get(1));
    long groups = Attributes.integer(node, "group", 1);
    if (weight == null
        || weight.shape().rank() < 3
        || weight.shape().elements() == 0
        || groups < 1
        || weight.shape().dim(0) % groups != 0) {
      return null;
    }
    String third = node.inputs().size() > 2 ? node.inputs().get(2) : "";
    double[] bias = third.isEmpty() ? null : Numbers.floats(scope, third);
    Convolution found = new Convolution(node, weight, bias);
    boolean known = bias == null ? third.isEmpty() : bias.length == found.outputChannels();
    return known ? found : null;
  }

  @Override
  public Node node() {
    return node;
  }

  @Override
  public int rank() {
    return weight.shape().rank();
  }

  @Override
  public int inputChannels() {
    return Math.toIntExact(
        isTransposed() ? weight.shape().dim(0) : weight.shape().dim(1) * groups());
  }

  @Override
  public int outputChannels() {
    return Math.toIntExact(
        isTransposed() ? weight.shape().dim(1) * groups() : weight.shape().dim(0));
  }

  @Override
  public Linear after(Affine next) {
    double[] terms = next.apply(bias);
    Tensor scaled =
        next.scales() ? Numbers.map(weight, (i, value) -> value * next.scale(output(i))) : weight;
    return new Convolution(node, scaled, terms);
  }

  @Override
  public @Nullable Linear before(Affine first) {
    double[] terms = bias;
    if (first.shifts()) {
      if (isTransposed() || isPadded()) {
        return null;
      }
      terms = bias == null ? new double[outputChannels()] : bias.clone();
      for (long i = 0; i < weight.shape().elements(); i++) {
        terms[output(i)] += Numbers.at(weight, i) * first.shift(input(i));
      }
    }
    Tensor scaled =
        first.scales() ? Numbers.map(weight, (i, value) -> value * first.scale(input(i))) : weight;
    return new Convolution(node, scaled, terms);
  }

  @Override
  public @Nullable Linear then(Linear next) {
    return next instanceof Convolution second && fuses(second) ? product(second) : null;
  }

  /** Without groups, and the second 1×1 and without padding: it only mixes channels. */
  private boolean fuses(Convolution second) {
    boolean kept = second.steps().stream().allMatch(step -> step == 1);
    return !isTransposed()
        && !second.isTransposed()
        && groups() == 1
        && second.groups() == 1
        && rank() == second.rank()
        && outputChannels() == second.inputChannels()
        && second.kernel == 1
        && !second.isPadded()
        && (kept || !autoPad().startsWith("SAME"));
  }

  /** W = W₂ · W₁ over the channels between, b = W₂ · b₁ + b₂; steps multiply. */
  private @Nullable Linear product(Convolution second) {
    int between = outputChannels();
    int outputs = second.outputChannels();
    long columns = weight.shape().elements() / between;
    long biases = bias == null && second.bias == null ? 0 : outputs;
    long saved = biases() + second.biases() - biases;
    if (!Linear.pays(columns, between, outputs, saved)) {
      return null;
    }
    DMatrixRMaj mix = DMatrixRMaj.wrap(outputs, between, Numbers.of(second.weight));
    DMatrixRMaj own = DMatrixRMaj.wrap(between, (int) columns, Numbers.of(weight));
    long[] shape = weight.shape().toArray();
    shape[0] = outputs;
    Tensor mixed = Numbers.tensor(Shape.of(shape), CommonOps_DDRM.mult(mix, own, null).getData());
    double[] terms = second.bias;
    if (bias != null) {
      DMatrixRMaj carried =
          CommonOps_DDRM.mult(mix, DMatrixRMaj.wrap(between, 1, bias.clone()), null);
      terms = carried.getData();
      for (int i = 0; i < outputs && second.bias != null; i++) {
        terms[i] += second.bias[i];
      }
    }
    List<Long> steps = new ArrayList<>(steps());
    List<Long> more = second.steps();
    for (int i = 0; i < steps.size(); i++) {
      steps.set(i, steps.get(i) * more.get(i));
    }
    Node stepped = steps.equals(steps()) ? node : node.with("strides", new Attribute.OfInts(steps));
    return new Convolution(stepped, mixed, terms);
  }

  @Override
  public Node write(Scope scope, Patch patch, String input, String output) {
    List<String> inputs = new ArrayList<>(List.of(input));
    inputs.add(Linear.store(scope, patch, node.inputs().get(1), weight));
    if (bias != null) {
      inputs.add(Linear.store(scope, patch, node, bias));
    }
    return Nodes.on(node, inputs, List.of(output));
  }

  private boolean isTransposed() {
    return node.op().equals("ConvTranspose");
  }

  /** One with the filters of all, which must be alike, one after the other. */
  static Convolution joined(List<Convolution> all) {
    Convolution first = all.getFirst();
    int outputs = all.stream().mapToInt(Convolution::outputChannels).sum();
    long[] shape = first.weight.shape().toArray();
    shape[0] = outputs;
    Tensor weight = Tensor.allocate(ElementType.FLOAT, Shape.of(shape));
    double[] bias = new double[outputs];
    long bytes = 0;
    int channels = 0;
    for (Convolution each : all) {
      weight.data().asSlice(bytes).copyFrom(each.weight.data());
      bytes += each.weight.bytes();
      if (each.bias != null) {
        System.arraycopy(each.bias, 0, bias, channels, each.bias.length);
      }
      channels += each.outputChannels();
    }
    boolean biased = all.stream().anyMatch(each -> each.bias != null);
    return new Convolution(first.node, weight, biased ? bias : null);
  }

  /** The shape of one filter: [inputs / groups, kernel…]. */
  Shape filter() {
    long[] shape = weight.shape().toArray();
    return Shape.of(Arrays.copyOfRange(shape, 1, shape.length));
  }

  long groups() {
    return groups;
  }

  private int biases() {
    return bias == null ? 0 : bias.length;
  }

  private List<Long> steps() {
    return Attributes.integers(node, "strides", rank() - 2, 1);
  }

  private String autoPad() {
    return Attributes.text(node, "auto_pad", "NOTSET");
  }

  private boolean isPadded() {
    return switch (autoPad()) {
      case "VALID" -> false;
      case "NOTSET" -> Attributes.integers(node, "pads").stream().anyMatch(pad -> pad != 0);
      default -> true;
    };
  }

  private int input(long index) {
    return isTransposed() ? outer(index) : inner(index);
  }

  private int output(long index) {
    return isTransposed() ? inner(index) : outer(index);
  }

  private int outer(long index) {
    return (int) (index / (kernel * weight.shape().dim(1)));
  }

  /** The channel on the second axis, which counts within a group. */
  private int inner(long index) {
    long block = index / kernel;
    long across = weight.shape().dim(1);
    long group = groups == 1 ? 0 : block / across / (weight.shape().dim(0) / groups);
    return (int) (group * across + block % across);
  }
}
