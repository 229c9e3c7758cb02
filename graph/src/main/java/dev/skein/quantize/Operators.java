package dev.skein.quantize;

import dev.skein.graph.Attributes;
import dev.skein.graph.Node;
import dev.skein.rewrite.Scope;
import dev.skein.tensor.Tensor;
import java.util.List;

/** How operators go together with bytes. */
enum Operators {
  /** Has weights, and an integer kernel that is why one quantises at all. */
  LAYER,
  /** Moves values, picks or bounds them: bytes stay the bytes they are. */
  SAME_SCALE,
  /** Computes; what it makes has a range of its own. */
  OWN_SCALE,
  /** Stays as it is. */
  OTHER;

  /** The first opset whose MaxPool and Clip take bytes. */
  private static final long BYTES = 12;

  /** The first opset whose Pad takes its value as an input. */
  private static final long PAD_INPUTS = 11;

  static Operators of(Scope scope, Node node) {
    if (!node.domain().isEmpty() && !node.domain().equals("ai.onnx")) {
      return OTHER;
    }
    return switch (node.op()) {
      case "Conv", "Gemm", "MatMul" -> LAYER;
      case "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Slice", "Split", "Gather" ->
          SAME_SCALE;
      case "MaxPool", "Relu" ->
          node.makes().size() == 1 && scope.opset() >= BYTES ? SAME_SCALE : OTHER;
      case "Pad" -> padsZero(scope, node) ? SAME_SCALE : OTHER;
      case "Resize" ->
          Attributes.text(node, "mode", "nearest").equals("nearest") ? SAME_SCALE : OTHER;
      case "Add", "Mul", "Concat", "AveragePool", "GlobalAveragePool", "LeakyRelu", "Sigmoid" ->
          OWN_SCALE;
      default -> OTHER;
    };
  }

  private static boolean padsZero(Scope scope, Node pad) {
    String value = pad.input(2);
    Tensor number = scope.floats(value);
    return scope.opset() >= PAD_INPUTS
        && (value.isEmpty() || (number != null && number.toFloats()[0] == 0));
  }

  /** The inputs that carry activations. */
  static List<String> data(Node node) {
    return Scope.is(node, "Add", "Mul", "Concat")
        ? node.inputs()
        : node.inputs().subList(0, Math.min(1, node.inputs().size()));
  }

  /** Whether a convolution has one filter for each channel. */
  static boolean isDepthwise(Scope scope, Node node) {
    if (!Scope.is(node, "Conv")) {
      return false;
    }
    long groups = Attributes.integer(node, "group", 1);
    Tensor weight = scope.constant(node.input(1));
    return groups > 1 && weight != null && weight.shape().rank() > 1 && weight.shape().dim(1) == 1;
  }
}
