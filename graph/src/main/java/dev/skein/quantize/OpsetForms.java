package dev.skein.quantize;

import dev.skein.graph.Attribute;
import dev.skein.graph.Attributes;
import dev.skein.graph.Dim;
import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import dev.skein.graph.TensorType;
import dev.skein.graph.Weight;
import dev.skein.rewrite.Scope;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Operators that are written differently in opset 13 than in the sets from 7 on. */
final class OpsetForms {
  private static final ValueLayout.OfShort INT16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Scope scope;
  private final Patch patch;

  /**
   * @param patch takes the weights that were attributes
   */
  OpsetForms(Scope scope, Patch patch) {
    this.scope = scope;
    this.patch = patch;
  }

  /** The node as opset 13 writes it; null if that is not known. */
  @Nullable Node convert(Node node) {
    long opset = scope.opset();
    return switch (node.op()) {
      case "Clip" -> opset < 11 ? clip(node) : node;
      case "Pad" -> opset < 11 ? pad(node) : node;
      case "Slice" -> opset < 10 ? moved(node, "starts", "ends", "axes") : node;
      case "Squeeze", "Unsqueeze", "ReduceSum" -> moved(node, "axes");
      case "Split" -> moved(node, "split");
      case "TopK" -> opset < 10 ? topK(node) : node;
      case "Dropout" -> dropout(node);
      case "BatchNormalization" -> normalization(node);
      case "Softmax", "LogSoftmax", "Hardmax" -> softmax(node);
      case "Upsample" -> upsample(node);
      case "Resize" -> opset >= 11 ? node : isConverted(node) ? resize(node, node.input(1)) : null;
      default -> null;
    };
  }

  private Node clip(Node node) {
    String least = limit(node, "min");
    String most = limit(node, "max");
    return with(node, List.of(node.inputs().getFirst(), least, most), "min", "max");
  }

  private String limit(Node node, String attribute) {
    return node.attributes().get(attribute) instanceof Attribute.OfFloat(float value)
        ? number(node, attribute, value)
        : "";
  }

  /** A scalar of the type that the node reads. */
  private String number(Node node, String stem, float value) {
    TensorType type = scope.type(node.inputs().getFirst());
    Tensor scalar = Tensors.scalar(value);
    if (type != null && type.element() == ElementType.FLOAT16) {
      scalar = Tensor.allocate(ElementType.FLOAT16, Shape.of());
      scalar.data().set(INT16, 0, Float.floatToFloat16(value));
    }
    return weight(node, stem, scalar);
  }

  private @Nullable Node pad(Node node) {
    List<Long> pads = Attributes.integers(node, "pads");
    if (pads.isEmpty()) {
      return null;
    }
    String value = number(node, "value", (float) Attributes.number(node, "value", 0));
    List<String> inputs = List.of(node.inputs().getFirst(), integers(node, "pads", pads), value);
    return with(node, inputs, "pads", "value");
  }

  /** Lists of integers, in this order, from attributes to inputs. */
  private Node moved(Node node, String... attributes) {
    List<String> inputs = new ArrayList<>(node.inputs());
    for (String attribute : attributes) {
      List<Long> values = Attributes.integers(node, attribute);
      inputs.add(values.isEmpty() ? "" : integers(node, attribute, values));
    }
    while (inputs.getLast().isEmpty()) {
      inputs.removeLast();
    }
    return with(node, inputs, attributes);
  }

  private Node topK(Node node) {
    String count = integers(node, "k", List.of(Attributes.integer(node, "k", 1)));
    return with(node, List.of(node.inputs().getFirst(), count), "k");
  }

  /** In inference it does nothing; its mask, whose type changed, must not matter. */
  private @Nullable Node dropout(Node node) {
    for (String mask : node.outputs().subList(1, node.outputs().size())) {
      if (scope.isOutput(mask) || !scope.readers(mask).isEmpty()) {
        return null;
      }
    }
    Node plain = with(node, List.of(node.inputs().getFirst()), "ratio", "is_test");
    return plain.withOutputs(List.of(node.outputs().getFirst()));
  }

  private static @Nullable Node normalization(Node node) {
    boolean plain = node.makes().size() == 1 && Attributes.integer(node, "spatial", 1) == 1;
    return plain ? with(node, node.inputs(), "spatial") : null;
  }

  private @Nullable Node softmax(Node node) {
    TensorType type = scope.type(node.inputs().getFirst());
    List<Dim> dims = type == null ? null : type.dims();
    if (dims == null) {
      return null;
    }
    long axis = Attributes.integer(node, "axis", 1);
    long from = axis < 0 ? axis + dims.size() : axis;
    boolean alone = from >= 0 && dims.stream().skip(from + 1).allMatch(dim -> dim.size() == 1);
    return alone ? node.with("axis", new Attribute.OfInt(from)) : null;
  }

  private @Nullable Node upsample(Node node) {
    if (!(node.attributes().get("scales") instanceof Attribute.OfFloats(List<Float> values))) {
      return scope.opset() >= 9 ? resize(node, node.input(1)) : null;
    }
    float[] scales = new float[values.size()];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = values.get(i);
    }
    return resize(node, weight(node, "scales", Tensor.ofFloats(Shape.of(scales.length), scales)));
  }

  /**
   * Whether it has a form in opset 13: along an axis that shrinks, the nearest neighbour was not
   * found by rounding down, and there is one way of rounding for all axes.
   */
  private boolean isConverted(Node resize) {
    if (!Attributes.text(resize, "mode", "nearest").equals("nearest")) {
      return true;
    }
    Tensor scales = scope.floats(resize.input(1));
    if (scales == null) {
      return false;
    }
    for (float scale : scales.toFloats()) {
      if (!(scale >= 1)) {
        return false;
      }
    }
    return true;
  }

  /** Until opset 10, a pixel's source was its place divided by the scale, rounded down. */
  private static Node resize(Node node, String scales) {
    Node resize =
        new Node(
            node.name(),
            "Resize",
            node.domain(),
            List.of(node.inputs().getFirst(), "", scales),
            node.outputs(),
            node.attributes(),
            node.rest());
    return with(resize, resize.inputs(), "scales")
        .with("coordinate_transformation_mode", new Attribute.OfString("asymmetric"))
        .with("nearest_mode", new Attribute.OfString("floor"));
  }

  private String integers(Node node, String stem, List<Long> values) {
    long[] longs = values.stream().mapToLong(Long::longValue).toArray();
    return weight(node, stem, Tensor.ofLongs(Shape.of(longs.length), longs));
  }

  private String weight(Node node, String stem, Tensor tensor) {
    String name = scope.fresh(node.makes().getFirst() + "_" + stem);
    patch.weight(name, new Weight.Held(tensor));
    return name;
  }

  private static Node with(Node node, List<String> inputs, String... dropped) {
    Map<String, Attribute> attributes = new LinkedHashMap<>(node.attributes());
    attributes.keySet().removeAll(List.of(dropped));
    return node.withInputs(inputs).withAttributes(attributes);
  }
}
