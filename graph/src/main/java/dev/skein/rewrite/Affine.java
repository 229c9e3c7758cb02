package dev.skein.rewrite;

import dev.skein.graph.Attributes;
import dev.skein.graph.Node;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** y = scale · x + shift, one pair of numbers for each channel (axis 1). */
final class Affine {
  private static final double EPSILON = 1e-5;
  private static final long FIRST_OPSET = 7;

  private final double[] scale;
  private final double[] shift;

  private Affine(double[] scale, double[] shift) {
    this.scale = scale;
    this.shift = shift;
  }

  int channels() {
    return scale.length;
  }

  double scale(int channel) {
    return scale[channel];
  }

  double shift(int channel) {
    return shift[channel];
  }

  boolean scales() {
    return Arrays.stream(scale).anyMatch(factor -> factor != 1);
  }

  boolean shifts() {
    return Arrays.stream(shift).anyMatch(term -> term != 0);
  }

  /** What becomes of biases; null stands for none. */
  double @Nullable [] apply(double @Nullable [] bias) {
    if (bias == null) {
      return shifts() ? shift.clone() : null;
    }
    double[] changed = new double[bias.length];
    for (int i = 0; i < bias.length; i++) {
      changed[i] = bias[i] * scale[i] + shift[i];
    }
    return changed;
  }

  /**
   * What a BatchNormalization does when it does not learn: scale = γ / √(σ² + ε), shift = β − μ ·
   * scale. Null if it learns, or its numbers are not constants of single precision.
   */
  static @Nullable Affine ofBatchNorm(Scope scope, Node node) {
    if (!Scope.is(node, "BatchNormalization")
        || scope.opset() < FIRST_OPSET
        || node.inputs().size() != 5
        || node.makes().size() != 1
        || node.outputs().getFirst().isEmpty()
        || Attributes.integer(node, "training_mode", 0) != 0
        || Attributes.integer(node, "spatial", 1) != 1) {
      return null;
    }
    double[] gamma = Numbers.floats(scope, node.inputs().get(1));
    double[] beta = Numbers.floats(scope, node.inputs().get(2));
    double[] mean = Numbers.floats(scope, node.inputs().get(3));
    double[] variance = Numbers.floats(scope, node.inputs().get(4));
    if (gamma == null
        || beta == null
        || mean == null
        || variance == null
        || beta.length != gamma.length
        || mean.length != gamma.length
        || variance.length != gamma.length) {
      return null;
    }
    double epsilon = Attributes.number(node, "epsilon", EPSILON);
    double[] scale = new double[gamma.length];
    double[] shift = new double[gamma.length];
    for (int i = 0; i < gamma.length; i++) {
      scale[i] = gamma[i] / Math.sqrt(variance[i] + epsilon);
      shift[i] = beta[i] - mean[i] * scale[i];
    }
    return finite(scale, shift);
  }

  /** The input of an Add, Sub, Mul or Div whose other input is constant; null for other nodes. */
  static @Nullable String variable(Scope scope, Node node) {
    if (!Scope.is(node, "Add", "Sub", "Mul", "Div") || node.inputs().size() != 2) {
      return null;
    }
    boolean first = scope.floats(node.inputs().get(0)) != null;
    boolean second = scope.floats(node.inputs().get(1)) != null;
    return first == second ? null : node.inputs().get(first ? 1 : 0);
  }

  /**
   * What an Add, Sub, Mul or Div with a constant does to a value of that rank and that many
   * channels. Null if the constant is not the same everywhere in a channel, or would widen the
   * value.
   */
  static @Nullable Affine ofArithmetic(Scope scope, Node node, int rank, int channels) {
    String variable = variable(scope, node);
    if (variable == null || scope.opset() < FIRST_OPSET) {
      return null;
    }
    boolean behind = node.inputs().getFirst().equals(variable);
    Tensor constant = scope.floats(node.inputs().get(behind ? 1 : 0));
    double[] term = constant == null ? null : byChannel(constant, rank, channels);
    if (term == null || (!behind && node.op().equals("Div"))) {
      return null;
    }
    double[] ones = new double[channels];
    double[] zeros = new double[channels];
    Arrays.fill(ones, 1);
    return switch (node.op()) {
      case "Add" -> finite(ones, term);
      case "Sub" -> behind ? finite(ones, negated(term)) : finite(negated(ones), term);
      case "Mul" -> finite(term, zeros);
      default -> finite(Arrays.stream(term).map(divisor -> 1 / divisor).toArray(), zeros);
    };
  }

  private static double @Nullable [] byChannel(Tensor constant, int rank, int channels) {
    Shape shape = constant.shape();
    int missing = rank - shape.rank();
    if (missing < 0) {
      return null;
    }
    for (int axis = 0; axis < shape.rank(); axis++) {
      boolean channelAxis = axis + missing == 1;
      if (shape.dim(axis) != 1 && !(channelAxis && shape.dim(axis) == channels)) {
        return null;
      }
    }
    double[] values = Numbers.of(constant);
    if (values.length == channels) {
      return values;
    }
    double[] spread = new double[channels];
    Arrays.fill(spread, values[0]);
    return spread;
  }

  private static double[] negated(double[] values) {
    return Arrays.stream(values).map(value -> -value).toArray();
  }

  private static @Nullable Affine finite(double[] scale, double[] shift) {
    return Numbers.fit(scale) && Numbers.fit(shift) ? new Affine(scale, shift) : null;
  }
}
