package dev.skein.cost;

import dev.skein.graph.Attribute;
import dev.skein.graph.Graph;
import dev.skein.graph.Node;
import dev.skein.graph.TensorType;
import dev.skein.graph.Weight;
import dev.skein.tensor.Shape;
import dev.skein.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How many multiply-accumulates an operator takes. Convolutions, matrix products and recurrent
 * layers are counted; everything else moves bytes rather than multiplies, and counts as none.
 */
final class MultiplyAccumulates {
  private final Graph graph;
  private final Map<String, TensorSpec> specs;

  /**
   * @param specs types and shapes of the graph's values
   */
  MultiplyAccumulates(Graph graph, Map<String, TensorSpec> specs) {
    this.graph = graph;
    this.specs = specs;
  }

  long of(Node node) {
    return switch (node.op()) {
      case "Conv", "FusedConv", "NhwcFusedConv", "ConvInteger" -> convolution(node, 1);
      case "QLinearConv" -> convolution(node, 3);
      case "ConvTranspose" -> spread(node);
      case "Gemm" -> product(node, 0);
      case "MatMul", "FusedMatMul", "MatMulInteger", "MatMulIntegerToFloat" -> product(node, 0);
      case "QLinearMatMul", "DynamicQuantizeMatMul" -> product(node, 0);
      case "LSTM", "GRU", "RNN" -> recurrent(node);
      default -> 0;
    };
  }

  /** Each output element sums over one filter: weight M×C/g×k…, output N×M×o…. */
  private long convolution(Node node, int weightIndex) {
    Shape weight = shape(node.inputs(), weightIndex);
    Shape out = shape(node.outputs(), 0);
    return weight == null || out == null || weight.rank() == 0 || weight.dim(0) == 0
        ? 0
        : out.elements() * (weight.elements() / weight.dim(0));
  }

  /** Each input element is spread over one filter: weight C×M/g×k…, input N×C×i…. */
  private long spread(Node node) {
    Shape weight = shape(node.inputs(), 1);
    Shape in = shape(node.inputs(), 0);
    return weight == null || in == null || weight.rank() == 0 || weight.dim(0) == 0
        ? 0
        : in.elements() * (weight.elements() / weight.dim(0));
  }

  /** Each output element sums over the axis that the factors share. */
  private long product(Node node, int leftIndex) {
    Shape left = shape(node.inputs(), leftIndex);
    Shape out = shape(node.outputs(), 0);
    if (left == null || out == null || left.rank() == 0) {
      return 0;
    }
    boolean transposed = left.rank() == 2 && isSet(node, "transA");
    return out.elements() * left.dim(transposed ? 0 : left.rank() - 1);
  }

  /** Every step multiplies its input and the hidden state with both weights: X is T×B×I. */
  private long recurrent(Node node) {
    Shape in = shape(node.inputs(), 0);
    Shape weight = shape(node.inputs(), 1);
    Shape recurrence = shape(node.inputs(), 2);
    return in == null || in.rank() != 3 || weight == null || recurrence == null
        ? 0
        : in.dim(0) * in.dim(1) * (weight.elements() + recurrence.elements());
  }

  private static boolean isSet(Node node, String attribute) {
    return node.attributes().get(attribute) instanceof Attribute.OfInt flag && flag.value() != 0;
  }

  private @Nullable Shape shape(List<String> names, int index) {
    if (index >= names.size()) {
      return null;
    }
    TensorSpec spec = specs.get(names.get(index));
    if (spec != null) {
      return spec.shape();
    }
    Weight weight = graph.weights().get(names.get(index));
    return weight == null ? null : fixed(weight.type());
  }

  private static @Nullable Shape fixed(TensorType type) {
    if (type.dims() == null || type.dims().stream().anyMatch(dim -> !dim.isFixed())) {
      return null;
    }
    return Shape.of(type.dims().stream().mapToLong(dim -> dim.size()).toArray());
  }
}
