package dev.skein.rewrite;

import dev.skein.graph.Attributes;
import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.jspecify.annotations.Nullable;

/** Gemm, or MatMul of a matrix: Y = α · X · W + b, with one row of biases (β included). */
final class Dense implements Linear {
  private static final long FIRST_OPSET = 7;

  private final Node node;
  private final Tensor weight;
  private final double @Nullable [] bias;

  private Dense(Node node, Tensor weight, double @Nullable [] bias) {
    this.node = node;
    this.weight = weight;
    this.bias = bias;
  }

  static @Nullable Dense of(Scope scope, Node node) {
    boolean product = Scope.is(node, "MatMul") && scope.rank(node.inputs().getFirst()) == 2;
    if ((!product && !Scope.is(node, "Gemm")) || scope.opset() < FIRST_OPSET) {
      return null;
    }
    Tensor weight = scope.floats(node.inputs().get(1));
    if (weight == null || weight.shape().rank() != 2 || weight.shape().elements() == 0) {
      return null;
    }
    String third = node.inputs().size() > 2 ? node.inputs().get(2) : "";
    if (third.isEmpty()) {
      return new Dense(node, weight, null);
    }
    Tensor terms = scope.floats(third);
    double[] bias = terms == null ? null : row(terms, node, weight);
    return bias == null ? null : new Dense(node, weight, bias);
  }

  private static double @Nullable [] row(Tensor terms, Node node, Tensor weight) {
    Shape shape = terms.shape();
    int outputs = outputs(node, weight);
    boolean row = shape.rank() < 2 || (shape.rank() == 2 && shape.dim(0) == 1);
    if (!row || (shape.elements() != outputs && shape.elements() != 1)) {
      return null;
    }
    double beta = Attributes.number(node, "beta", 1);
    double[] values = Numbers.of(terms);
    double[] bias = new double[outputs];
    for (int i = 0; i < outputs; i++) {
      bias[i] = beta * values[values.length == 1 ? 0 : i];
    }
    return bias;
  }

  private static int outputs(Node node, Tensor weight) {
    return Math.toIntExact(weight.shape().dim(Attributes.integer(node, "transB", 0) != 0 ? 0 : 1));
  }

  @Override
  public Node node() {
    return node;
  }

  @Override
  public int rank() {
    return 2;
  }

  @Override
  public int inputChannels() {
    return Math.toIntExact(weight.shape().dim(isTurned() ? 1 : 0));
  }

  @Override
  public int outputChannels() {
    return outputs(node, weight);
  }

  @Override
  public Linear after(Affine next) {
    double[] terms = next.apply(bias);
    Tensor scaled =
        next.scales() ? Numbers.map(weight, (i, value) -> value * next.scale(output(i))) : weight;
    return new Dense(node, scaled, terms);
  }

  @Override
  public @Nullable Linear before(Affine first) {
    if (isInputTurned()) {
      return null;
    }
    double[] terms = bias;
    if (first.shifts()) {
      terms = bias == null ? new double[outputChannels()] : bias.clone();
      for (long i = 0; i < weight.shape().elements(); i++) {
        terms[output(i)] += alpha() * Numbers.at(weight, i) * first.shift(input(i));
      }
    }
    Tensor scaled =
        first.scales() ? Numbers.map(weight, (i, value) -> value * first.scale(input(i))) : weight;
    return new Dense(node, scaled, terms);
  }

  /** α = α₁ · α₂, W = W₁ · W₂, b = α₂ · b₁ · W₂ + b₂. */
  @Override
  public @Nullable Linear then(Linear next) {
    if (!(next instanceof Dense second)
        || second.isInputTurned()
        || outputChannels() != second.inputChannels()) {
      return null;
    }
    int outputs = second.outputChannels();
    long biases = bias == null && second.bias == null ? 0 : outputs;
    long saved = biases() + second.biases() - biases;
    if (!Linear.pays(inputChannels(), outputChannels(), outputs, saved)) {
      return null;
    }
    DMatrixRMaj right = second.matrix();
    CommonOps_DDRM.scale(second.alpha(), right);
    double[] terms = second.bias;
    if (bias != null) {
      DMatrixRMaj row = DMatrixRMaj.wrap(1, bias.length, bias.clone());
      terms = CommonOps_DDRM.mult(row, right, null).getData();
      for (int i = 0; i < outputs && second.bias != null; i++) {
        terms[i] += second.bias[i];
      }
    }
    DMatrixRMaj product = CommonOps_DDRM.mult(matrix(), right, null);
    Tensor values = Numbers.tensor(Shape.of(inputChannels(), outputs), product.getData());
    return new Dense(Attributes.without(node, "transB"), values, terms);
  }

  @Override
  public Node write(Scope scope, Patch patch, String input, String output) {
    List<String> inputs = new ArrayList<>(List.of(input));
    inputs.add(Linear.store(scope, patch, node.inputs().get(1), weight));
    if (bias != null) {
      inputs.add(Linear.store(scope, patch, node, bias));
    }
    Node written = Nodes.like(node, bias == null ? node.op() : "Gemm", inputs, List.of(output));
    return written.withAttributes(Attributes.without(node, "beta").attributes());
  }

  /** The weights as [inputs, outputs]. */
  private DMatrixRMaj matrix() {
    int rows = Math.toIntExact(weight.shape().dim(0));
    int columns = Math.toIntExact(weight.shape().dim(1));
    DMatrixRMaj stored = DMatrixRMaj.wrap(rows, columns, Numbers.of(weight));
    return isTurned() ? CommonOps_DDRM.transpose(stored, null) : stored;
  }

  private int biases() {
    return bias == null ? 0 : bias.length;
  }

  private double alpha() {
    return Attributes.number(node, "alpha", 1);
  }

  private boolean isTurned() {
    return Attributes.integer(node, "transB", 0) != 0;
  }

  private boolean isInputTurned() {
    return Attributes.integer(node, "transA", 0) != 0;
  }

  private int input(long index) {
    long columns = weight.shape().dim(1);
    return (int) (isTurned() ? index % columns : index / columns);
  }

  private int output(long index) {
    long columns = weight.shape().dim(1);
    return (int) (isTurned() ? index / columns : index % columns);
  }
}
