package dev.skein.engine;

import dev.skein.graph.Attribute;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A small network like those that Skein runs, the same on every machine: dense 3×3 convolution,
 * then 1×1 expansion, 3×3 depthwise and 1×1 projection, then a matrix product; 60 million
 * multiply-adds.
 */
final class ReferenceModel {
  static final Shape INPUT = Shape.of(1, 32, 28, 28);
  private static final int CHANNELS = 64;
  private static final int EXPANDED = 256;
  private static final int CLASSES = 1000;

  private final Random random = new Random(25);
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Weight> weights = new LinkedHashMap<>();

  private ReferenceModel() {}

  static Model build() {
    return new ReferenceModel().model();
  }

  private Model model() {
    String value = relu(conv("x", "dense", 1, CHANNELS, INPUT.dim(1), 3, 3));
    value = relu(conv(value, "expand", 1, EXPANDED, CHANNELS, 1, 1));
    value = relu(conv(value, "depthwise", EXPANDED, EXPANDED, 1, 3, 3));
    value = conv(value, "project", 1, CHANNELS, EXPANDED, 1, 1);
    value = relu(conv(value, "mix", 1, CHANNELS, CHANNELS, 3, 3));
    nodes.add(Node.of("GlobalAveragePool", List.of(value), List.of("pooled")));
    nodes.add(Node.of("Flatten", List.of("pooled"), List.of("features")));
    weight("classes", CHANNELS, CLASSES);
    nodes.add(Node.of("MatMul", List.of("features", "classes"), List.of("y")));
    Graph graph =
        new Graph(
            "reference",
            List.of(Value.of("x", TensorType.of(ElementType.FLOAT, INPUT))),
            List.of(Value.of("y", TensorType.of(ElementType.FLOAT, Shape.of(1, CLASSES)))),
            nodes,
            weights,
            List.of(),
            Opaque.NONE);
    return new Model(graph, 8, Map.of("", 13L), Map.of(), Opaque.NONE);
  }

  private String conv(String input, String name, long groups, long... kernel) {
    weight(name, kernel);
    long pad = kernel[2] / 2;
    nodes.add(
        Node.of("Conv", List.of(input, name), List.of(name + ".out"))
            .with("group", new Attribute.OfInt(groups))
            .with("pads", new Attribute.OfInts(List.of(pad, pad, pad, pad))));
    return name + ".out";
  }

  private String relu(String input) {
    nodes.add(Node.of("Relu", List.of(input), List.of(input + ".relu")));
    return input + ".relu";
  }

  private void weight(String name, long... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[(int) shape.elements()];
    double scale = Math.sqrt(2.0 * dims[0] / values.length);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * scale);
    }
    weights.put(name, new Weight.Held(Tensor.ofFloats(shape, values)));
  }

  /** A fixed input whose values are spread like those of a normalised picture. */
  static Map<String, Tensor> input() {
    Random random = new Random(7);
    float[] values = new float[(int) INPUT.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Map.of("x", Tensor.ofFloats(INPUT, values));
  }
}
