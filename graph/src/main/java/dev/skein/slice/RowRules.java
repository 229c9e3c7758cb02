package dev.skein.slice;

import dev.skein.graph.Attribute;
import dev.skein.graph.Attributes;
import dev.skein.graph.Dim;
import dev.skein.graph.Node;
import dev.skein.graph.TensorType;
import dev.skein.rewrite.Scope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Knows which operators work row by row. Rows are the first axis behind batch and channels: height
 * of an image, length of a sequence in a 1-D convolution.
 */
final class RowRules {
  static final int ROWS = 2;

  private static final int SOFTMAX_BY_AXIS = 13;

  private RowRules() {}

  /** Null if the node does not work row by row, or it is not known how. */
  static @Nullable RowRule of(Scope scope, Node node) {
    boolean standard = node.domain().isEmpty() || node.domain().equals("ai.onnx");
    if (!standard || node.makes().isEmpty() || node.inputs().isEmpty()) {
      return null;
    }
    if (Elementwise.contains(node.op())) {
      return node.attributes().containsKey("broadcast") ? null : new RowRule.Same();
    }
    boolean soft = node.op().contains("oftmax");
    boolean byAxis = scope.opset() >= SOFTMAX_BY_AXIS;
    long axis = Attributes.integer(node, "axis", soft && byAxis ? -1 : 1);
    boolean one = node.makes().size() == 1;
    return switch (node.op()) {
      case "BatchNormalization", "LRN", "Dropout" -> one ? new RowRule.Same() : null;
      case "Concat", "Split", "Softmax", "LogSoftmax", "QuantizeLinear", "DequantizeLinear" ->
          axis == 1 && (!soft || byAxis) ? new RowRule.Same() : null;
      case "Conv", "QLinearConv", "MaxPool", "AveragePool", "LpPool" ->
          one ? window(scope, node) : null;
      default -> null;
    };
  }

  private static RowRule.@Nullable Window window(Scope scope, Node node) {
    List<Long> kernel = kernel(scope, node);
    List<Long> pads = kernel == null ? null : pads(scope, node, kernel);
    if (kernel == null || pads == null || kernel.isEmpty()) {
      return null;
    }
    int space = kernel.size();
    List<Long> strides = Attrs.integers(node, "strides", space, 1);
    List<Long> dilations = Attrs.integers(node, "dilations", space, 1);
    if (strides == null || dilations == null) {
      return null;
    }
    long stride = strides.getFirst();
    long dilation = dilations.getFirst();
    boolean ceil = Attributes.integer(node, "ceil_mode", 0) != 0;
    boolean countsPadding = Attributes.integer(node, "count_include_pad", 0) != 0;
    if (stride < 1 || dilation < 1 || kernel.getFirst() < 1 || (ceil && countsPadding)) {
      return null;
    }
    long extent = (kernel.getFirst() - 1) * dilation + 1;
    return new RowRule.Window(extent, stride, pads.getFirst(), pads.get(space), ceil);
  }

  private static @Nullable List<Long> kernel(Scope scope, Node node) {
    List<Long> raw = Attrs.integers(node, "kernel_shape");
    List<Long> given = raw == null ? null : Attrs.integers(node, "kernel_shape", raw.size(), 1);
    int weight = node.op().equals("QLinearConv") ? 3 : 1;
    if (raw != null || !node.op().endsWith("Conv") || node.inputs().size() <= weight) {
      return given;
    }
    TensorType type = scope.type(node.inputs().get(weight));
    List<Dim> dims = type == null ? null : type.dims();
    return dims == null || dims.size() < ROWS || !dims.stream().allMatch(Dim::isFixed)
        ? null
        : dims.stream().skip(ROWS).map(Dim::size).toList();
  }

  /** Padding of all axes in numbers, beginnings first; null if it is not known. */
  static @Nullable List<Long> pads(Scope scope, Node node, List<Long> kernel) {
    int space = kernel.size();
    String auto = Attributes.text(node, "auto_pad", "NOTSET");
    return switch (auto) {
      case "NOTSET", "" -> Attrs.integers(node, "pads", 2 * space, 0);
      case "VALID" -> Collections.nCopies(2 * space, 0L);
      case "SAME_UPPER", "SAME_LOWER" -> same(scope, node, kernel, auto.endsWith("UPPER"));
      default -> null;
    };
  }

  private static @Nullable List<Long> same(
      Scope scope, Node node, List<Long> kernel, boolean upper) {
    int space = kernel.size();
    TensorType type = scope.type(node.inputs().getFirst());
    List<Dim> dims = type == null ? null : type.dims();
    List<Long> strides = Attrs.integers(node, "strides", space, 1);
    List<Long> dilations = Attrs.integers(node, "dilations", space, 1);
    if (strides == null || dilations == null || dims == null || dims.size() != ROWS + space) {
      return null;
    }
    List<Long> begins = new ArrayList<>();
    List<Long> ends = new ArrayList<>();
    for (int i = 0; i < space; i++) {
      long size = dims.get(ROWS + i).size();
      long stride = strides.get(i);
      long dilation = dilations.get(i);
      if (size < 1 || stride < 1) {
        return null;
      }
      long extent = (kernel.get(i) - 1) * dilation + 1;
      long all = Math.max(0, ((size + stride - 1) / stride - 1) * stride + extent - size);
      begins.add(upper ? all / 2 : all - all / 2);
      ends.add(upper ? all - all / 2 : all / 2);
    }
    return Stream.concat(begins.stream(), ends.stream()).toList();
  }

  /** The node with its padding in numbers, and these above and below. */
  static @Nullable Node padded(Scope scope, Node node, long before, long after) {
    List<Long> kernel = kernel(scope, node);
    List<Long> pads = kernel == null ? null : pads(scope, node, kernel);
    if (kernel == null || pads == null) {
      return null;
    }
    List<Long> changed = new ArrayList<>(pads);
    changed.set(0, before);
    changed.set(kernel.size(), after);
    return Attributes.without(node, "auto_pad").with("pads", new Attribute.OfInts(changed));
  }
}
