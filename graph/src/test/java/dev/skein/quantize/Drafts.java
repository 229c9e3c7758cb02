package dev.skein.quantize;

import dev.skein.graph.Attribute;
import dev.skein.graph.Dim;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Opaque;
import dev.skein.graph.Patch;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.graph.Weight;
import dev.skein.rewrite.Rewrite;
import dev.skein.rewrite.Scope;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Small models from x to the outputs named, and graphs as lines to compare them by. */
final class Drafts {
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Weight> weights = new LinkedHashMap<>();
  private final List<Value> annotations = new ArrayList<>();
  private final List<String> outputs = new ArrayList<>();
  private final Random random = new Random(3);

  Drafts out(String... names) {
    outputs.addAll(List.of(names));
    return this;
  }

  Drafts type(String value, long... dims) {
    annotations.add(Value.of(value, TensorType.of(ElementType.FLOAT, Shape.of(dims))));
    return this;
  }

  Drafts weight(String name, Tensor tensor) {
    weights.put(name, new Weight.Held(tensor));
    return this;
  }

  Drafts weight(String name, Shape shape, float... values) {
    return weight(name, Tensor.ofFloats(shape, values));
  }

  /** Gaussian numbers. */
  Drafts gauss(String name, long... dims) {
    float[] values = new float[(int) Shape.of(dims).elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return weight(name, Shape.of(dims), values);
  }

  /** A node as {@code "y = Conv(x, w) group=4 pads=[1,1]"}. */
  Drafts node(String formula) {
    return node(formula, Map.of());
  }

  Drafts node(String formula, Map<String, Attribute> more) {
    String[] sides = formula.split(" = ");
    String call = sides[1];
    int close = call.indexOf(')');
    String reads = call.substring(call.indexOf('(') + 1, close);
    Map<String, Attribute> attributes = new LinkedHashMap<>(more);
    for (String pair : call.substring(close + 1).strip().split(" ")) {
      if (!pair.isEmpty()) {
        attributes.put(pair.substring(0, pair.indexOf('=')), value(pair));
      }
    }
    nodes.add(
        Node.of(
                call.substring(0, call.indexOf('(')),
                List.of(reads.split(", ?", -1)),
                List.of(sides[0].split(", ?")))
            .withAttributes(attributes));
    return this;
  }

  private static Attribute value(String pair) {
    String text = pair.substring(pair.indexOf('=') + 1);
    if (text.startsWith("[")) {
      return new Attribute.OfInts(
          Arrays.stream(text.substring(1, text.length() - 1).split(","))
              .map(Long::valueOf)
              .toList());
    }
    if (text.contains(".")) {
      return new Attribute.OfFloat(Float.parseFloat(text));
    }
    return Character.isLetter(text.charAt(0))
        ? new Attribute.OfString(text)
        : new Attribute.OfInt(Long.parseLong(text));
  }

  Model model() {
    return model(13);
  }

  Model model(long opset) {
    Value x =
        Value.of(
            "x",
            new TensorType(
                ElementType.FLOAT, List.of(Dim.named("N"), Dim.of(4), Dim.of(6), Dim.of(6))));
    Graph graph =
        new Graph(
            "draft",
            List.of(x),
            outputs.stream().map(name -> Value.of(name, null)).toList(),
            nodes,
            weights,
            annotations,
            Opaque.NONE);
    return new Model(graph, 6, Map.of("", opset), Map.of(), Opaque.NONE);
  }

  static Model after(Rewrite rewrite, Model model) {
    return model.with(rewrite.find(new Scope(model)).apply(model.graph()));
  }

  static boolean isLeftAlone(Rewrite rewrite, Model model) {
    Patch patch = rewrite.find(new Scope(model));
    return patch.isEmpty();
  }

  static List<String> lines(Model model) {
    return model.graph().nodes().stream()
        .map(node ->
            "%s = %s(%s)"
                .formatted(
                    String.join(", ", node.outputs()), node.op(), String.join(", ", node.inputs())))
        .toList();
  }

  static Tensor tensor(Model model, String name) {
    return ((Weight.Held) model.graph().weights().get(name)).tensor();
  }
}
