package dev.skein.cost;

import dev.skein.graph.Attribute;
import dev.skein.graph.Node;
import dev.skein.tensor.Shape;

/**
 * Multiply-accumulate operations of one node, by the operators' definitions; 0 for operators that
 * do not multiply matrices. Bodies of branches and loops are not counted: how often they run is
 * known only at run time.
 */
final class Macs {
  private final Shapes shapes;

  Macs(Shapes shapes) {
    this.shapes = shapes;
  }

  long of(Node node) {
    return switch (node.op()) {
      case "Conv", "FusedConv", "NhwcFusedConv", "ConvInteger", "DeformConv" ->
          convolution(node, 1);
      case "QLinearConv" -> convolution(node, 3);
      case "ConvTranspose", "ConvTransposeWithDynamicPads" -> transposed(node);
      case "Gemm", "FusedGemm", "QGemm" ->
          shapes.output(node).elements() * shapes.input(node, 0).dim(flag(node, "transA") ? 0 : 1);
      case "MatMul",
          "QLinearMatMul",
          "MatMulInteger",
          "MatMulInteger16",
          "MatMulIntegerToFloat",
          "DynamicQuantizeMatMul",
          "MatMulNBits",
          "MatMulBnb4",
          "FusedMatMul",
          "TransposeMatMul",
          "GemmFastGelu" ->
          product(node);
      case "Attention", "QAttention" -> attention(node);
      case "RNN", "GRU", "LSTM", "DynamicQuantizeLSTM" -> recurrent(node);
      case "Einsum" -> Einsum.of(node, shapes).macs();
      default -> 0;
    };
  }

  /**
   * Every output element sums over one filter; weights are [filters, …], the rest of them one
   * filter.
   */
  private long convolution(Node node, int weights) {
    Shape filters = shapes.input(node, weights);
    return shapes.output(node).elements() * perFirst(filters);
  }

  /**
   * Every input element goes into one filter; weights are [channels, filters / groups, kernel…].
   */
  private long transposed(Node node) {
    return shapes.input(node, 0).elements() * perFirst(shapes.input(node, 1));
  }

  private static long perFirst(Shape shape) {
    return shape.rank() == 0 || shape.dim(0) == 0 ? 0 : shape.elements() / shape.dim(0);
  }

  private long product(Node node) {
    Shape left = shapes.input(node, 0);
    if (left.rank() == 0) {
      return 0;
    }
    int axis = left.rank() - (flag(node, "transA") && left.rank() > 1 ? 2 : 1);
    return shapes.output(node).elements() * left.dim(axis);
  }

  /**
   * Projection to queries, keys and values, then scores and their application; [batch, steps,
   * width].
   */
  private long attention(Node node) {
    Shape input = shapes.input(node, 0);
    Shape weights = shapes.input(node, 1);
    if (input.rank() != 3 || weights.rank() != 2) {
      return 0;
    }
    long rows = input.dim(0) * input.dim(1);
    long projection = rows * weights.elements();
    return projection + 2 * rows * input.dim(1) * (weights.dim(1) / 3);
  }

  /** Each step multiplies by the input's and by the state's weights; [steps, batch, width]. */
  private long recurrent(Node node) {
    Shape input = shapes.input(node, 0);
    if (input.rank() != 3) {
      return 0;
    }
    long weights = shapes.input(node, 1).elements() + shapes.input(node, 2).elements();
    return input.dim(0) * input.dim(1) * weights;
  }

  private static boolean flag(Node node, String name) {
    return node.attributes().get(name) instanceof Attribute.OfInt flag && flag.value() != 0;
  }
}
