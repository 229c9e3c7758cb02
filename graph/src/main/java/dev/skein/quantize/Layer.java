package dev.skein.quantize;

import dev.skein.graph.Attributes;
import dev.skein.graph.Node;
import dev.skein.rewrite.Scope;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A Conv, Gemm or MatMul with constant weights. */
final class Layer {
  private static final String NOT_FINITE = "its weights are not all finite";

  private final Tensor weight;
  private final int axis;
  private final float[] extents;
  private final float @Nullable [] bias;

  private Layer(Tensor weight, int axis, float[] extents, float @Nullable [] bias) {
    this.weight = weight;
    this.axis = axis;
    this.extents = extents;
    this.bias = bias;
  }

  Tensor weight() {
    return weight;
  }

  /** Of the weight's output channels. */
  int axis() {
    return axis;
  }

  /** Greatest absolute weight of each output channel. */
  float[] extents() {
    return extents;
  }

  /** One number for each output channel; null if there is none. */
  float @Nullable [] bias() {
    return bias;
  }

  /** A layer, or why it is none. */
  record Finding(@Nullable Layer layer, String reason) {
    static Finding none(String reason) {
      return new Finding(null, reason);
    }
  }

  static Finding of(Scope scope, Node node) {
    Tensor weight = scope.floats(node.input(1));
    if (weight == null) {
      return Finding.none(why(scope, node.input(1)));
    }
    int rank = weight.shape().rank();
    boolean conv = Scope.is(node, "Conv");
    if (conv ? rank < 3 : rank != 2) {
      return Finding.none("its weights have %d axes".formatted(rank));
    }
    if (Scope.is(node, "Gemm")
        && (Attributes.integer(node, "transA", 0) != 0
            || Attributes.number(node, "alpha", 1) != 1
            || Attributes.number(node, "beta", 1) != 1)) {
      return Finding.none("it scales or transposes what it reads");
    }
    int axis = conv || Attributes.integer(node, "transB", 0) != 0 ? 0 : 1;
    float[] extents = WeightBytes.extents(weight, axis);
    for (float extent : extents) {
      if (!Float.isFinite(extent)) {
        return Finding.none(NOT_FINITE);
      }
    }
    String name = Scope.is(node, "MatMul") ? "" : node.input(2);
    if (name.isEmpty()) {
      return new Finding(new Layer(weight, axis, extents, null), "");
    }
    Tensor bias = scope.floats(name);
    if (bias == null) {
      return Finding.none("its bias is not constant");
    }
    float[] values = spread(bias, extents.length);
    if (values == null) {
      return Finding.none("its bias is not one number for each channel");
    }
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return Finding.none(NOT_FINITE);
      }
    }
    return new Finding(new Layer(weight, axis, extents, values), "");
  }

  private static String why(Scope scope, String name) {
    Tensor other = scope.constant(name);
    if (other != null && other.type() != ElementType.FLOAT) {
      return "its weights are " + other.type();
    }
    return Scope.is(scope.maker(name), "DequantizeLinear")
        ? "it is quantised already"
        : "its weights are not constant";
  }

  /** Gemm's bias may be one number, or lie in a row. */
  private static float @Nullable [] spread(Tensor bias, int channels) {
    Shape shape = bias.shape();
    float[] values = shape.elements() <= channels ? bias.toFloats() : new float[0];
    if (values.length == 1 && channels > 1) {
      float[] all = new float[channels];
      Arrays.fill(all, values[0]);
      return all;
    }
    boolean row = shape.rank() == 1 || (shape.rank() == 2 && shape.dim(1) == channels);
    return values.length == channels && row ? values : null;
  }
}
