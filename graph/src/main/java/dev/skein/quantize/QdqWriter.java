package dev.skein.quantize;

import dev.skein.graph.Attribute;
import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import dev.skein.graph.Weight;
import dev.skein.quantize.QuantizationOptions.WeightForm;
import dev.skein.rewrite.Scope;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Writes the chosen nodes with QuantizeLinear and DequantizeLinear around them. */
final class QdqWriter {
  /** Room in an int32 sum beside the bias. */
  private static final double GREATEST_BIAS = 1 << 30;

  private static final String[] GUARDED = {"Conv", "ConvTranspose", "Gemm"};

  private final Scope scope;
  private final Selection selection;
  private final QuantizationOptions options;
  private final WeightForm form;
  private final Patch patch = new Patch();
  private final Map<String, Scale> scales = new HashMap<>();
  private final Map<String, Coding> codings = new HashMap<>();
  private final Map<String, String> entries = new HashMap<>();
  private final Map<String, String> bytes = new HashMap<>();

  /** Names of the weights that say how a value's bytes are read. */
  private record Coding(String scale, String zero) {}

  QdqWriter(
      Scope scope, Selection selection, Map<String, Range> ranges, QuantizationOptions options) {
    this.scope = scope;
    this.selection = selection;
    this.options = options;
    WeightForm wanted = options.weights();
    boolean perChannel =
        wanted.perChannel() && scope.opset() >= StaticQuantization.PER_CHANNEL_OPSET;
    this.form = new WeightForm(perChannel, wanted.bits());
    selection
        .scaled()
        .forEach((value, activation) -> {
          Range range = Objects.requireNonNull(ranges.get(value));
          scales.put(value, scale(range, activation));
        });
  }

  private Scale scale(Range range, @Nullable Activation activation) {
    Range kept = activation == null ? range : range.within(activation.least(), activation.most());
    return Scale.of(kept, options.activations());
  }

  Patch patch() {
    selection.entries().forEach(this::enter);
    selection.units().forEach(this::write);
    scope.nodes().stream()
        .filter(node -> Scope.is(node, GUARDED) && !patch.touches(node))
        .filter(node -> selection.isBytes(node.inputs().getFirst()))
        .forEach(this::guard);
    return patch;
  }

  /**
   * Keeps a layer in floats that is meant to be: ONNX Runtime makes weights between conversions
   * int8 by itself, all channels with one scale. A maximum with the least number that the bytes
   * stand for changes nothing, and it does not look through that.
   */
  private void guard(Node node) {
    String value = node.inputs().getFirst();
    Scale scale = Objects.requireNonNull(scales.get(selection.root(value)), value);
    String least = scope.fresh(value + "_least");
    String kept = scope.fresh(value + "_kept");
    float number = scale.scale() * (options.activations().least() - scale.zero());
    patch.weight(least, new Weight.Held(Tensors.scalar(number)));
    List<String> inputs = new ArrayList<>(node.inputs());
    inputs.set(0, kept);
    patch.replace(
        node,
        List.of(Node.of("Max", List.of(value, least), List.of(kept)), node.withInputs(inputs)));
  }

  /** A value that is float for others: only those that want bytes read it through a pair. */
  private void enter(String value) {
    String back = scope.fresh(value + "_dq");
    patch.insert(quantize(value, bytes(value), coding(value)));
    patch.insert(dequantize(bytes(value), back, coding(value)));
    entries.put(value, back);
  }

  private void write(Selection.Unit unit) {
    patch.replace(unit.node(), unit.kind() == Operators.SAME_SCALE ? moved(unit) : computed(unit));
    if (unit.activation() != null) {
      patch.remove(unit.activation().node());
    }
  }

  /** A node that works on the bytes themselves. */
  private List<Node> moved(Selection.Unit unit) {
    Node node = unit.node();
    List<String> inputs = new ArrayList<>(node.inputs());
    String zero = coding(selection.root(inputs.getFirst())).zero();
    inputs.set(0, bytes(inputs.getFirst()));
    if (Scope.is(node, "Pad")) {
      if (inputs.size() > 2) {
        inputs.remove(2);
      }
      inputs.add(2, zero);
    }
    List<String> outputs = unit.outputs().stream().map(this::bytes).toList();
    List<Node> nodes = new ArrayList<>();
    // Relu is not defined on bytes, and the byte that stands for 0 is not 0.
    nodes.add(
        Scope.is(node, "Relu")
            ? Node.of("Clip", List.of(inputs.getFirst(), zero), outputs)
            : node.withInputs(inputs).withOutputs(outputs));
    unit.outputs().forEach(output -> addFloats(output, nodes));
    return nodes;
  }

  /** A node between conversions, which the runtime makes one integer kernel of. */
  private List<Node> computed(Selection.Unit unit) {
    List<String> inputs = new ArrayList<>(unit.node().inputs());
    int data = Operators.data(unit.node()).size();
    for (int i = 0; i < data; i++) {
      String value = inputs.get(i);
      if (!selection.isBytes(value)) {
        String entered = entries.get(value);
        inputs.set(i, entered != null ? entered : constant(value));
      }
    }
    Layer layer = unit.layer();
    if (layer != null) {
      weights(unit.node(), layer, inputs);
    }
    String output = unit.outputs().getFirst();
    if (!selection.isBytes(output)) {
      return List.of(unit.node().withInputs(inputs).withOutputs(unit.outputs()));
    }
    String plain = scope.fresh(output + "_float");
    List<Node> nodes = new ArrayList<>();
    nodes.add(unit.node().withInputs(inputs).withOutputs(List.of(plain)));
    nodes.add(quantize(plain, bytes(output), coding(output)));
    addFloats(output, nodes);
    return nodes;
  }

  private void addFloats(String value, List<Node> nodes) {
    if (selection.isReadAsFloats(value)) {
      nodes.add(dequantize(bytes(value), value, coding(selection.root(value))));
    }
  }

  /** The value in bytes. */
  private String bytes(String value) {
    return bytes.computeIfAbsent(value, key -> scope.fresh(key + "_q"));
  }

  private void weights(Node node, Layer layer, List<String> inputs) {
    float[] each = WeightBytes.scales(layer.extents(), form);
    float from = scale(inputs, node);
    float[] bias = layer.bias();
    if (bias != null) {
      makeRoom(each, bias, from);
    }
    Tensor weight = WeightBytes.of(layer.weight(), layer.axis(), each, form);
    inputs.set(1, weight(node.inputs().get(1), weight, each, layer.axis()));
    if (bias != null) {
      inputs.set(2, bias(node.inputs().get(2), bias, each, from));
    }
  }

  private float scale(List<String> inputs, Node node) {
    String value = selection.root(node.inputs().getFirst());
    return Objects.requireNonNull(scales.get(value), inputs.getFirst()).scale();
  }

  /** A channel of tiny weights would leave no room for its bias: it gets a coarser scale. */
  private void makeRoom(float[] each, float[] bias, float from) {
    float most = 0;
    for (int i = 0; i < each.length; i++) {
      each[i] = Math.max(each[i], (float) (Math.abs(bias[i]) / GREATEST_BIAS / from));
      most = Math.max(most, each[i]);
    }
    if (!form.perChannel()) {
      Arrays.fill(each, most);
    }
  }

  private String weight(String name, Tensor weight, float[] each, int axis) {
    String bytes = scope.fresh(name + "_int8");
    String scale = scope.fresh(name + "_scale");
    String zero = scope.fresh(name + "_zero");
    String back = scope.fresh(name + "_dq");
    patch.weight(bytes, new Weight.Held(weight));
    boolean many = form.perChannel();
    Shape shape = many ? Shape.of(each.length) : Shape.of();
    Tensor steps = many ? Tensor.ofFloats(shape, each) : Tensors.scalar(each[0]);
    patch.weight(scale, new Weight.Held(steps));
    patch.weight(zero, new Weight.Held(Tensor.allocate(ElementType.INT8, shape)));
    patch.insert(along(axis, dequantize(bytes, back, new Coding(scale, zero))));
    return back;
  }

  private String bias(String name, float[] bias, float[] each, float from) {
    String ints = scope.fresh(name + "_int32");
    String scale = scope.fresh(name + "_scale");
    String back = scope.fresh(name + "_dq");
    int[] rounded = new int[bias.length];
    float[] steps = new float[bias.length];
    for (int i = 0; i < bias.length; i++) {
      steps[i] = from * each[i];
      rounded[i] = (int) Math.rint((double) bias[i] / steps[i]);
    }
    patch.weight(ints, new Weight.Held(Tensors.ofInts(rounded)));
    Tensor step =
        form.perChannel()
            ? Tensor.ofFloats(Shape.of(steps.length), steps)
            : Tensors.scalar(steps[0]);
    patch.weight(scale, new Weight.Held(step));
    patch.insert(along(0, Node.of("DequantizeLinear", List.of(ints, scale), List.of(back))));
    return back;
  }

  private Node along(int axis, Node dequantize) {
    return form.perChannel() ? dequantize.with("axis", new Attribute.OfInt(axis)) : dequantize;
  }

  /** A constant operand, such as of an Add, in bytes like an activation. */
  private String constant(String value) {
    Tensor floats = Objects.requireNonNull(scope.floats(value), value);
    Histogram seen = new Histogram();
    Tensors.eachPiece(floats, (values, length, start) -> seen.add(values, length));
    Range range = seen.range(RangeRule.of(CalibrationMethod.MIN_MAX));
    Scale scale = Scale.of(range, options.activations());
    scales.put(value, scale);
    int least = options.activations().least();
    Tensor bytes = Tensor.allocate(options.activations().element(), floats.shape());
    byte[] piece = new byte[Tensors.PIECE];
    Tensors.eachPiece(
        floats,
        (values, length, start) -> {
          for (int i = 0; i < length; i++) {
            long step = Math.round((double) values[i] / scale.scale()) + scale.zero();
            piece[i] = (byte) Math.clamp(step, least, least + ActivationType.STEPS);
          }
          Tensors.write(bytes, start, piece, length);
        });
    String stored = scope.fresh(value + "_q");
    String back = scope.fresh(value + "_dq");
    patch.weight(stored, new Weight.Held(bytes));
    patch.insert(dequantize(stored, back, coding(value)));
    entries.put(value, back);
    return back;
  }

  private Coding coding(String value) {
    return codings.computeIfAbsent(
        value,
        key -> {
          Scale scale = Objects.requireNonNull(scales.get(key), key);
          Coding coding = new Coding(scope.fresh(key + "_scale"), scope.fresh(key + "_zero"));
          patch.weight(coding.scale(), new Weight.Held(Tensors.scalar(scale.scale())));
          patch.weight(
              coding.zero(),
              new Weight.Held(Tensors.scalar(options.activations().element(), scale.zero())));
          return coding;
        });
  }

  private static Node quantize(String from, String to, Coding coding) {
    return Node.of("QuantizeLinear", List.of(from, coding.scale(), coding.zero()), List.of(to));
  }

  private static Node dequantize(String from, String to, Coding coding) {
    return Node.of("DequantizeLinear", List.of(from, coding.scale(), coding.zero()), List.of(to));
  }
}
