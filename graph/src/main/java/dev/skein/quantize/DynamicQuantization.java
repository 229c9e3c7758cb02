package dev.skein.quantize;

import dev.skein.graph.Attribute;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import dev.skein.graph.TensorType;
import dev.skein.graph.Weight;
import dev.skein.quantize.QuantizationOptions.WeightForm;
import dev.skein.rewrite.Rewrite;
import dev.skein.rewrite.Scope;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Post-training dynamic int8: weights are bytes in the file, activations become bytes by their own
 * range at each run. Takes no data.
 *
 * <pre>
 * Before  y = Gemm(x, w, b), or MatMul(x, w)
 * After   x8, s_x, z_x = DynamicQuantizeLinear(x)
 *         y = Cast(MatMulInteger(x8, w8, z_x)) * (s_x * s_w) + b
 * Formula w8 = round(w / s_w), s_w = max |w| / 127 for each output channel
 * </pre>
 *
 * <p>Conditions: constant float weights with two axes; opset 11 or later. Convolutions stay: their
 * dynamic form is slower than floats almost everywhere.
 */
public final class DynamicQuantization implements Rewrite {
  private static final long LEAST_OPSET = 11;

  private final WeightForm form;
  private final Set<String> exclude;

  public DynamicQuantization(QuantizationOptions options) {
    this.form = options.weights();
    this.exclude = options.exclude();
  }

  @Override
  public String name() {
    return "dynamic-int8";
  }

  /**
   * @throws QuantizeException if the model's operator set is older than dynamic quantisation
   */
  @Override
  public Patch find(Scope scope) {
    Patch patch = new Patch();
    Excluded excluded = new Excluded(scope, exclude);
    Map<String, Coded> inputs = new HashMap<>();
    for (Node node : scope.nodes()) {
      if (!reason(scope, excluded, node).isEmpty()) {
        continue;
      }
      Layer layer = Layer.of(scope, node).layer();
      if (layer == null) {
        continue;
      }
      if (scope.opset() < LEAST_OPSET) {
        throw new QuantizeException(
            "opset %d of model '%s' knows no dynamic quantisation: raise it to 13, or export it so"
                .formatted(scope.opset(), scope.graph().name()));
      }
      Coded input =
          inputs.computeIfAbsent(node.inputs().getFirst(), from -> coded(scope, patch, from));
      patch.replace(node, nodes(scope, patch, new Product(node, layer, input)));
    }
    return patch;
  }

  /** What becomes of each node of a model before it is quantised. */
  public QuantizationReport report(Model model) {
    Scope scope = new Scope(model);
    Excluded excluded = new Excluded(scope, exclude);
    return new QuantizationReport(
        scope.nodes().stream()
            .map(node ->
                new QuantizationReport.Entry(
                    node.label(), node.op(), reason(scope, excluded, node)))
            .toList());
  }

  private static String reason(Scope scope, Excluded excluded, Node node) {
    if (excluded.is(node)) {
      return "it is excluded";
    }
    if (!Scope.is(node, "Gemm", "MatMul")) {
      return "there is no dynamic form of " + node.op();
    }
    TensorType type = scope.type(node.inputs().getFirst());
    if (type != null && type.element() != ElementType.FLOAT) {
      return "it reads " + type.element();
    }
    return Layer.of(scope, node).reason();
  }

  /** A value in bytes, with its scale and zero. */
  private record Coded(String bytes, String scale, String zero) {}

  private record Product(Node node, Layer layer, Coded input) {}

  private static Coded coded(Scope scope, Patch patch, String from) {
    Coded coded =
        new Coded(
            scope.fresh(from + "_q"), scope.fresh(from + "_scale"), scope.fresh(from + "_zero"));
    patch.insert(
        Node.of(
            "DynamicQuantizeLinear",
            List.of(from),
            List.of(coded.bytes(), coded.scale(), coded.zero())));
    return coded;
  }

  private List<Node> nodes(Scope scope, Patch patch, Product product) {
    Layer layer = product.layer();
    String output = product.node().makes().getFirst();
    String name = product.node().inputs().get(1);
    float[] each = WeightBytes.scales(layer.extents(), form);
    Tensor bytes = WeightBytes.of(layer.weight(), layer.axis(), each, form);
    String weight = scope.fresh(name + "_int8");
    patch.weight(
        weight, new Weight.Held(layer.axis() == 0 ? WeightBytes.transposed(bytes) : bytes));
    String step = scope.fresh(name + "_scale");
    patch.weight(step, new Weight.Held(scales(each)));
    String sum = scope.fresh(output + "_int32");
    String floats = scope.fresh(output + "_sum");
    String both = scope.fresh(output + "_scale");
    String plain = layer.bias() == null ? output : scope.fresh(output + "_product");
    List<Node> nodes = new ArrayList<>();
    Coded input = product.input();
    nodes.add(Node.of("MatMulInteger", List.of(input.bytes(), weight, input.zero()), List.of(sum)));
    nodes.add(
        Node.of("Cast", List.of(sum), List.of(floats))
            .with("to", new Attribute.OfInt(ElementType.FLOAT.code())));
    nodes.add(Node.of("Mul", List.of(input.scale(), step), List.of(both)));
    nodes.add(Node.of("Mul", List.of(floats, both), List.of(plain)));
    if (layer.bias() != null) {
      nodes.add(Node.of("Add", List.of(plain, product.node().inputs().get(2)), List.of(output)));
    }
    return nodes;
  }

  private Tensor scales(float[] each) {
    return form.perChannel()
        ? Tensor.ofFloats(Shape.of(each.length), each)
        : Tensors.scalar(each[0]);
  }
}
