package dev.skein.rewrite;

import dev.skein.graph.Attribute;
import dev.skein.graph.Dim;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Opaque;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.graph.Weight;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Small models in a few words, and graphs as lines of text to compare them by. */
final class Sketches {
  private static final long OPSET = 17;

  private final List<Value> inputs = new ArrayList<>();
  private final List<Value> outputs = new ArrayList<>();
  private final List<Value> annotations = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Weight> weights = new LinkedHashMap<>();

  /** An input of floats; a size is a number, or the name of an unknown one. */
  Sketches in(String name, Object... dims) {
    return in(name, ElementType.FLOAT, dims);
  }

  Sketches in(String name, ElementType element, Object... dims) {
    inputs.add(value(name, element, dims));
    return this;
  }

  /** Outputs of undeclared type. */
  Sketches out(String... names) {
    List.of(names).forEach(name -> outputs.add(Value.of(name, null)));
    return this;
  }

  Sketches out(String name, ElementType element, Object... dims) {
    outputs.add(value(name, element, dims));
    return this;
  }

  /** Declares an intermediate value of floats. */
  Sketches type(String name, Object... dims) {
    return type(name, ElementType.FLOAT, dims);
  }

  Sketches type(String name, ElementType element, Object... dims) {
    annotations.add(value(name, element, dims));
    return this;
  }

  private static Value value(String name, ElementType element, Object... dims) {
    List<Dim> axes =
        Arrays.stream(dims)
            .map(dim -> dim instanceof String symbol ? Dim.named(symbol) : Dim.of((int) dim))
            .toList();
    return Value.of(name, new TensorType(element, axes));
  }

  Sketches weight(String name, Shape shape, float... values) {
    return weight(name, Tensor.ofFloats(shape, values));
  }

  Sketches scalar(String name, float value) {
    return weight(name, Shape.of(), value);
  }

  Sketches longs(String name, long... values) {
    return weight(name, Tensor.ofLongs(Shape.of(values.length), values));
  }

  Sketches weight(String name, Tensor tensor) {
    weights.put(name, new Weight.Held(tensor));
    return this;
  }

  /** As {@code "y, z = Split(x) axis=1 split=[2,3]"}; inputs and outputs may be empty. */
  Sketches node(String formula) {
    nodes.add(parse(formula));
    return this;
  }

  Sketches node(String formula, String attribute, Attribute value) {
    nodes.add(parse(formula).with(attribute, value));
    return this;
  }

  Graph graph() {
    return new Graph("sketch", inputs, outputs, nodes, weights, annotations, Opaque.NONE);
  }

  Model model() {
    return model(OPSET);
  }

  Model model(long opset) {
    return new Model(graph(), 8, Map.of("", opset), Map.of(), Opaque.NONE);
  }

  /** The model after one pass, applied until it finds nothing. */
  static Graph after(Rewrite rewrite, Model model) {
    return new Rewriter(List.of(rewrite), same -> same).apply(model).model().graph();
  }

  /** Every node as {@link #node(String)} takes it. */
  static List<String> lines(Graph graph) {
    return graph.nodes().stream().map(Sketches::line).toList();
  }

  private static String line(Node node) {
    String attributes =
        node.attributes().entrySet().stream()
            .map(entry -> " " + entry.getKey() + "=" + text(entry.getValue()))
            .collect(Collectors.joining());
    return "%s = %s(%s)%s"
        .formatted(
            String.join(", ", node.outputs()),
            node.op(),
            String.join(", ", node.inputs()),
            attributes);
  }

  private static String text(Attribute attribute) {
    return switch (attribute) {
      case Attribute.OfInt(long value) -> Long.toString(value);
      case Attribute.OfFloat(float value) -> Float.toString(value);
      case Attribute.OfString(String value) -> "'" + value + "'";
      case Attribute.OfInts(List<Long> values) -> values.toString().replace(" ", "");
      default -> attribute.toString();
    };
  }

  static Node parse(String formula) {
    String[] sides = formula.split(" = ");
    int open = sides[1].indexOf('(');
    int close = sides[1].indexOf(')');
    String reads = sides[1].substring(open + 1, close);
    Node node =
        Node.of(
            sides[1].substring(0, open),
            reads.isEmpty() ? List.of() : List.of(reads.split(", ?", -1)),
            sides[0].isEmpty() ? List.of() : List.of(sides[0].split(", ?", -1)));
    for (String attribute : sides[1].substring(close + 1).trim().split(" ")) {
      if (!attribute.isEmpty()) {
        String[] pair = attribute.split("=", 2);
        node = node.with(pair[0], attribute(pair[1]));
      }
    }
    return node;
  }

  private static Attribute attribute(String text) {
    if (text.startsWith("'")) {
      return new Attribute.OfString(text.substring(1, text.length() - 1));
    }
    if (text.startsWith("[")) {
      return new Attribute.OfInts(
          Arrays.stream(text.substring(1, text.length() - 1).split(","))
              .filter(each -> !each.isEmpty())
              .map(Long::valueOf)
              .toList());
    }
    return text.contains(".")
        ? new Attribute.OfFloat(Float.parseFloat(text))
        : new Attribute.OfInt(Long.parseLong(text));
  }
}
