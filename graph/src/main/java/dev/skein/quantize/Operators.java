package dev.skein.quantize;

import dev.skein.graph.Node;
import dev.skein.rewrite.Scope;
import java.util.List;

/** How operators go together with bytes. */
enum Operators {
  /** Has weights, and an integer kernel that is why one quantises at all. */
  LAYER,
  /** Moves values or picks some: bytes stay the bytes they are. */
  SAME_SCALE,
  /** Computes; what it makes has a range of its own. */
  OWN_SCALE,
  /** Stays as it is. */
  OTHER;

  static Operators of(Node node) {
    if (!node.domain().isEmpty() && !node.domain().equals("ai.onnx")) {
      return OTHER;
    }
    return switch (node.op()) {
      case "Conv", "Gemm", "MatMul" -> LAYER;
      case "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Slice", "Split", "Gather" ->
          SAME_SCALE;
      case "MaxPool" -> node.makes().size() == 1 ? SAME_SCALE : OTHER;
      case "Resize" ->
          Attributes.text(node, "mode", "nearest").equals("nearest") ? SAME_SCALE : OTHER;
      case "Add", "Mul", "Concat", "AveragePool", "GlobalAveragePool", "LeakyRelu", "Sigmoid" ->
          OWN_SCALE;
      default -> OTHER;
    };
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
    var weight = scope.constant(Attributes.input(node, 1));
    return groups > 1 && weight != null && weight.shape().rank() > 1 && weight.shape().dim(1) == 1;
  }
}
