package dev.skein.slice;

import dev.skein.graph.Attributes;
import dev.skein.graph.Node;
import dev.skein.graph.TensorType;
import dev.skein.rewrite.Scope;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A product of a value with a constant matrix on its right: Gemm and MatMul.
 *
 * @param matrix the weights' shape as it is stored
 * @param transposed whether the matrix is stored output × input
 * @param dataRank the value's number of axes
 * @param dataTransposed whether the value has its channels first
 * @param addend the shape of what Gemm adds; null if it adds nothing
 */
record MatrixLayer(
    Node node,
    Shape matrix,
    boolean transposed,
    int dataRank,
    boolean dataTransposed,
    @Nullable Tensor addend,
    long opset)
    implements Layer {
  /** Since then Gemm may go without an addend. */
  private static final long OPTIONAL_ADDEND = 11;

  static @Nullable MatrixLayer of(Scope scope, Node node) {
    boolean gemm = Scope.is(node, "Gemm");
    if ((!gemm && !Scope.is(node, "MatMul")) || node.inputs().size() < 2) {
      return null;
    }
    Tensor matrix = scope.constant(node.inputs().get(1));
    int rank = gemm ? 2 : scope.rank(node.inputs().getFirst());
    boolean fits = matrix != null && matrix.shape().rank() == 2 && TensorParts.canTake(matrix);
    if (!fits || matrix == null || rank < 1) {
      return null;
    }
    boolean adds = gemm && node.inputs().size() > 2 && !node.inputs().get(2).isEmpty();
    Tensor addend = adds ? scope.constant(node.inputs().get(2)) : null;
    if ((adds && addend == null) || node.attributes().containsKey("broadcast")) {
      return null;
    }
    return new MatrixLayer(
        node,
        matrix.shape(),
        Attributes.integer(node, "transB", 0) != 0,
        rank,
        Attributes.integer(node, "transA", 0) != 0,
        addend,
        scope.opset());
  }

  @Override
  public String weight() {
    return node.inputs().get(1);
  }

  @Override
  public int dataAxis() {
    return dataTransposed ? 0 : dataRank - 1;
  }

  /** The axis of the value that the matrix does not touch; -1 if it has none. */
  int rowAxis() {
    return dataTransposed ? 1 : dataRank - 2;
  }

  /** How many rows the value has; 0 if it has none, or that is not known. */
  long rows(Scope scope) {
    TensorType type = scope.type(data());
    if (rowAxis() < 0 || type == null || type.dims() == null) {
      return 0;
    }
    return Math.max(0, type.dims().get(rowAxis()).size());
  }

  @Override
  public int outputAxis() {
    return dataRank - 1;
  }

  @Override
  public int outputRank() {
    return dataRank;
  }

  @Override
  public long outputs() {
    return matrix.dim(weightAxis());
  }

  @Override
  public long inputs() {
    return matrix.dim(1 - weightAxis());
  }

  @Override
  public boolean isDense() {
    return true;
  }

  @Override
  public Node takeOutputs(long[] channels, Parts parts) {
    List<String> inputs = new ArrayList<>(node.inputs());
    inputs.set(1, parts.take(weight(), weightAxis(), channels));
    if (addend != null) {
      int rank = addend.shape().rank();
      if (rank > 0 && addend.shape().dim(rank - 1) == outputs()) {
        inputs.set(2, parts.take(node.inputs().get(2), rank - 1, channels));
      }
    }
    return node.withInputs(inputs);
  }

  @Override
  public Node takeInputs(long[] channels, boolean bias, Parts parts) {
    List<String> inputs = new ArrayList<>(node.inputs());
    inputs.set(1, parts.take(weight(), 1 - weightAxis(), channels));
    if (addend != null && !bias) {
      inputs.removeLast();
      if (opset < OPTIONAL_ADDEND) {
        inputs.add(parts.add(node.inputs().get(2), Tensor.allocate(addend.type(), Shape.of(1))));
      }
    }
    return node.withInputs(inputs);
  }

  /** The node for these rows only. */
  Node takeRows(long[] rows, Parts parts) {
    boolean perRow = addend != null && addend.shape().rank() == 2 && addend.shape().dim(0) > 1;
    if (!perRow) {
      return node;
    }
    List<String> inputs = new ArrayList<>(node.inputs());
    inputs.set(2, parts.take(node.inputs().get(2), 0, rows));
    return node.withInputs(inputs);
  }

  @Override
  public int weightAxis() {
    return transposed ? 0 : 1;
  }
}
