package dev.skein.node;

import dev.skein.engine.Session;
import dev.skein.engine.SessionOptions;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A small convolutional network with seeded weights, nearly all of them above 1 KiB: input {@code
 * x} of shape N x 4 x 8 x 8, output {@code y} of shape N x 32.
 */
final class SmallNet {
  private static final int CHANNELS = 16;
  private static final int HIDDEN = 64;
  private static final int CLASSES = 32;

  private final Random random;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Weight> weights = new LinkedHashMap<>();

  private SmallNet(long seed) {
    random = new Random(seed);
  }

  static Model model(long seed) {
    SmallNet net = new SmallNet(seed);
    net.convolution("x", "a", 4);
    net.convolution("a", "b", CHANNELS);
    net.nodes.add(Node.of("GlobalAveragePool", List.of("b"), List.of("pooled")));
    net.nodes.add(Node.of("Flatten", List.of("pooled"), List.of("c")));
    net.dense("c", "d", CHANNELS, HIDDEN);
    net.dense("d", "e", HIDDEN, HIDDEN);
    net.dense("e", "y", HIDDEN, CLASSES);
    Value input =
        Value.of(
            "x",
            new TensorType(
                ElementType.FLOAT, List.of(Dim.named("N"), Dim.of(4), Dim.of(8), Dim.of(8))));
    Value output =
        Value.of("y", new TensorType(ElementType.FLOAT, List.of(Dim.named("N"), Dim.of(CLASSES))));
    Graph graph =
        new Graph(
            "small-" + seed,
            List.of(input),
            List.of(output),
            net.nodes,
            net.weights,
            List.of(),
            Opaque.NONE);
    return new Model(graph, 8, Map.of("", 17L), Map.of(), Opaque.NONE);
  }

  /** Values of one request; another request, other values. */
  static Map<String, Tensor> input(int request, int batch) {
    Random random = new Random(1000L + request);
    float[] values = new float[batch * 4 * 8 * 8];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Map.of("x", Tensor.ofFloats(Shape.of(batch, 4, 8, 8), values));
  }

  /** What the plain model says to each of the inputs. */
  static List<float[]> plain(Model model, List<Map<String, Tensor>> inputs) {
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      return inputs.stream().map(input -> output(session.run(input))).toList();
    }
  }

  static float[] output(Map<String, Tensor> outputs) {
    Tensor y = outputs.get("y");
    if (outputs.size() != 1 || y == null) {
      throw new AssertionError("outputs " + outputs.keySet() + " where 'y' was expected");
    }
    return y.toFloats();
  }

  private void convolution(String from, String to, int channels) {
    weight(to + ".w", CHANNELS, channels, 3, 3);
    weight(to + ".b", CHANNELS);
    nodes.add(
        Node.of("Conv", List.of(from, to + ".w", to + ".b"), List.of(to + ".sum"))
            .with("kernel_shape", new Attribute.OfInts(List.of(3L, 3L)))
            .with("pads", new Attribute.OfInts(List.of(1L, 1L, 1L, 1L))));
    nodes.add(Node.of("Relu", List.of(to + ".sum"), List.of(to)));
  }

  private void dense(String from, String to, int inputs, int outputs) {
    weight(to + ".w", inputs, outputs);
    weight(to + ".b", outputs);
    nodes.add(Node.of("Gemm", List.of(from, to + ".w", to + ".b"), List.of(to + ".sum")));
    nodes.add(Node.of("Relu", List.of(to + ".sum"), List.of(to)));
  }

  private void weight(String name, long... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[(int) shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() / 4;
    }
    weights.put(name, new Weight.Held(Tensor.ofFloats(shape, values)));
  }
}
