package dev.skein.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.engine.Optimization;
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
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Random networks of everything that quantisation goes through: their outputs stay near. */
class RandomNetsTest {
  private static final int CHANNELS = 8;
  private static final int SIDE = 6;
  private static final int STEPS = 12;
  private static final int SEEDS = 25;

  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Weight> weights = new LinkedHashMap<>();
  private final List<String> values = new ArrayList<>();
  private Random random = new Random(0);

  @ParameterizedTest
  @CsvSource({"13, UINT8", "11, UINT8", "13, INT8"})
  void outputsStayNear(long opset, ActivationType activations) {
    List<Double> noises = new ArrayList<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      Model model = draw(seed, opset);
      List<Map<String, Tensor>> inputs = List.of(input(seed), input(seed + 1000));
      for (Set<String> exclude : List.of(Set.<String>of(), Set.of("first-layer", "v4", "v7"))) {
        QuantizationOptions options =
            QuantizationOptions.defaults().without(exclude).with(activations);
        Model quantised = Quantising.quantised(model, inputs, options);
        Map<String, Tensor> expected = Quantising.run(model, inputs.getFirst(), Optimization.ALL);
        for (Optimization how : List.of(Optimization.NONE, Optimization.ALL)) {
          double noise =
              Quantising.noise(expected, Quantising.run(quantised, inputs.getFirst(), how));
          noises.add(noise);
          // A pool that keeps the least of a wide range keeps its rounding too.
          assertThat(noise)
              .as("seed %d, %s, without %s: %s", seed, how, exclude, model.graph().nodes())
              .isLessThan(0.3);
        }
      }
    }
    Collections.sort(noises);
    assertThat(noises.get(noises.size() / 2)).isLessThan(0.001);
    assertThat(noises.get(noises.size() * 9 / 10)).isLessThan(0.02);
  }

  private Map<String, Tensor> input(long seed) {
    random = new Random(seed);
    return Map.of("x", gauss(Shape.of(2, CHANNELS, SIDE, SIDE), 1));
  }

  private Tensor gauss(Shape shape, double scale) {
    float[] numbers = new float[(int) shape.elements()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) (random.nextGaussian() * scale);
    }
    return Tensor.ofFloats(shape, numbers);
  }

  /** Every value is N x CHANNELS x SIDE x SIDE, so that all go together. */
  private Model draw(long seed, long opset) {
    random = new Random(seed);
    nodes.clear();
    weights.clear();
    values.clear();
    values.add("x");
    weight("pads", Tensor.ofLongs(Shape.of(8), 0, 0, 1, 1, 0, 0, 1, 1));
    weight("flat", Tensor.ofLongs(Shape.of(3), 0, CHANNELS, -1));
    weight("square", Tensor.ofLongs(Shape.of(4), 0, CHANNELS, SIDE, SIDE));
    conv("x", 1, 3);
    for (int i = 0; i < STEPS; i++) {
      step(opset);
    }
    List<Value> outputs = new ArrayList<>();
    outputs.add(Value.of(values.getLast(), null));
    if (values.size() > 4 && random.nextBoolean()) {
      outputs.add(Value.of(values.get(values.size() / 2), null));
    }
    TensorType type =
        new TensorType(
            ElementType.FLOAT,
            List.of(Dim.named("N"), Dim.of(CHANNELS), Dim.of(SIDE), Dim.of(SIDE)));
    Graph graph =
        new Graph(
            "net", List.of(Value.of("x", type)), outputs, nodes, weights, List.of(), Opaque.NONE);
    return new Model(graph, 7, Map.of("", opset), Map.of(), Opaque.NONE);
  }

  private void step(long opset) {
    String from = pick();
    switch (random.nextInt(12)) {
      case 0, 1 -> conv(from, 1, 3);
      case 2 -> conv(from, 1, 1);
      case 3 -> conv(from, CHANNELS, 3);
      case 4 -> make("Add", from, pick());
      case 5 -> make("Mul", from, make("Sigmoid", pick()));
      case 6 -> make("Relu", from);
      case 7 ->
          window(make("Pad", from, "pads"), random.nextBoolean() ? "MaxPool" : "AveragePool", 0);
      case 8 -> make("Reshape", make("Reshape", from, "flat"), "square");
      case 9 -> halves(from, opset);
      case 10 -> window(from, random.nextBoolean() ? "MaxPool" : "AveragePool", 1);
      default -> {
        weight("k" + nodes.size(), gauss(Shape.of(CHANNELS, 1, 1), 1));
        make("Add", from, "k" + (nodes.size()));
      }
    }
  }

  private String pick() {
    return values.get(Math.max(0, values.size() - 1 - random.nextInt(3)));
  }

  private void conv(String from, int groups, int side) {
    int id = nodes.size();
    int inner = CHANNELS / groups;
    double scale = 1 / Math.sqrt(inner * side * side);
    weight("w" + id, gauss(Shape.of(CHANNELS, inner, side, side), scale));
    weight("b" + id, gauss(Shape.of(CHANNELS), 0.1));
    long pad = side / 2;
    Node conv =
        Node.of("Conv", List.of(from, "w" + id, "b" + id), List.of("v" + id))
            .with("group", new Attribute.OfInt(groups))
            .with("pads", new Attribute.OfInts(List.of(pad, pad, pad, pad)));
    nodes.add(conv);
    values.add("v" + id);
    if (random.nextBoolean()) {
      make("Relu", "v" + id);
    }
  }

  /** Back to the side that everything has. */
  private void window(String from, String op, long pad) {
    String name = "v" + nodes.size();
    Node window =
        Node.of(op, List.of(from), List.of(name))
            .with("kernel_shape", new Attribute.OfInts(List.of(3L, 3L)))
            .with("pads", new Attribute.OfInts(List.of(pad, pad, pad, pad)));
    boolean counts = op.equals("AveragePool") && random.nextBoolean();
    nodes.add(counts ? window.with("count_include_pad", new Attribute.OfInt(1)) : window);
    values.add(name);
  }

  private void halves(String from, long opset) {
    String name = "v" + nodes.size();
    Node split =
        Node.of("Split", List.of(from), List.of(name + "l", name + "r"))
            .with("axis", new Attribute.OfInt(1));
    nodes.add(
        opset >= 13
            ? split
            : split.with("split", new Attribute.OfInts(List.of(CHANNELS / 2L, CHANNELS / 2L))));
    nodes.add(
        Node.of("Concat", List.of(name + "r", name + "l"), List.of(name))
            .with("axis", new Attribute.OfInt(1)));
    values.add(name);
  }

  private String make(String op, String... inputs) {
    String name = "v" + nodes.size();
    nodes.add(Node.of(op, List.of(inputs), List.of(name)));
    if (!op.equals("Pad") && !(op.equals("Reshape") && inputs[1].equals("flat"))) {
      values.add(name);
    }
    return name;
  }

  private void weight(String name, Tensor tensor) {
    weights.put(name, new Weight.Held(tensor));
  }
}
