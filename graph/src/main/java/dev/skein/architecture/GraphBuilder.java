package dev.skein.architecture;

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
import java.util.Objects;
import java.util.stream.LongStream;

/** Writes down a network of convolutions: its nodes, weights and the types of its values. */
final class GraphBuilder {
  private static final Dim BATCH = Dim.named("N");

  private static final float[] NONE = {};
  private static final long OPSET = 17;
  private static final long IR_VERSION = 8;

  private final String name;
  private final Gaussians random;
  private final List<Value> values = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Weight> weights = new LinkedHashMap<>();

  GraphBuilder(String name, long seed) {
    this.name = name;
    this.random = new Gaussians(seed);
  }

  /** A value of shape [N, channels, size, size], on its way through the network. */
  final class Feature {
    private final String value;
    private final int channels;
    private final long size;
    private final Moments moments;

    private Feature(String value, int channels, long size, Moments moments) {
      this.value = value;
      this.channels = channels;
      this.size = size;
      this.moments = moments;
    }

    int channels() {
      return channels;
    }

    /** He-normal weights (He et al. 2015, eq. 10): variance 2 / inputs of one filter. */
    Feature convolution(String label, Kernel kernel) {
      long perGroup = channels / kernel.groups();
      long fan = perGroup * kernel.size() * kernel.size();
      Shape shape = Shape.of(kernel.filters(), perGroup, kernel.size(), kernel.size());
      Tensor filters = random.normal(shape, Math.sqrt(2.0 / fan));
      float[] bias = kernel.bias() ? random.normals(kernel.filters(), 0, 0.05) : NONE;
      List<String> inputs = new ArrayList<>(List.of(value, weight(label + ".weight", filters)));
      if (kernel.bias()) {
        inputs.add(weight(label + ".bias", bias));
      }
      long padding = kernel.padding();
      long next = (size + 2 * padding - kernel.size()) / kernel.stride() + 1;
      Map<String, Attribute> attributes = window(kernel.size(), kernel.stride(), padding);
      attributes.put("group", new Attribute.OfInt(kernel.groups()));
      String made = node("Conv", label, inputs, attributes);
      Moments after = moments.convolved(filters, bias);
      return declared(new Feature(made, kernel.filters(), next, after));
    }

    /** Statistics as training would leave them: near those of the values that come in. */
    Feature norm(String label) {
      float[] scale = random.between(channels, 0.8, 1.2);
      float[] shift = random.normals(channels, 0, 0.1);
      float[] mean = random.normals(channels, 0, 0.05);
      float[] variance = random.between(channels, 0.9, 1.1);
      for (int i = 0; i < channels; i++) {
        mean[i] = (float) (moments.mean[i] + mean[i] * Math.sqrt(moments.variance[i]));
        variance[i] = (float) (variance[i] * moments.variance[i]);
      }
      List<String> inputs =
          List.of(
              value,
              weight(label + ".weight", scale),
              weight(label + ".bias", shift),
              weight(label + ".running_mean", mean),
              weight(label + ".running_var", variance));
      Map<String, Attribute> epsilon = Map.of("epsilon", new Attribute.OfFloat(1e-5f));
      String made = node("BatchNormalization", label, inputs, epsilon);
      return same(made, moments.normalised(scale, shift, mean, variance));
    }

    Feature relu(String label) {
      return same(node("Relu", label, List.of(value), Map.of()), moments.rectified());
    }

    /** The positive part, at most 6. */
    Feature relu6(String label) {
      weights.computeIfAbsent("zero", any -> scalar(0));
      weights.computeIfAbsent("six", any -> scalar(6));
      List<String> inputs = List.of(value, "zero", "six");
      return same(node("Clip", label, inputs, Map.of()), moments.rectified());
    }

    Feature plus(Feature other, String label) {
      String made = node("Add", label, List.of(value, other.value), Map.of());
      return same(made, moments.plus(other.moments));
    }

    Feature maxPool(String label, int window, int stride, int padding) {
      Map<String, Attribute> attributes = window(window, stride, padding);
      String made = node("MaxPool", label, List.of(value), attributes);
      long next = (size + 2L * padding - window) / stride + 1;
      return declared(new Feature(made, channels, next, moments.greatest()));
    }

    Feature globalAverage(String label) {
      String made = node("GlobalAveragePool", label, List.of(value), Map.of());
      return declared(new Feature(made, channels, 1, moments));
    }

    /** From here on the shape is [N, channels × size × size]. */
    Flat flatten(String label) {
      Map<String, Attribute> axis = Map.of("axis", new Attribute.OfInt(1));
      return new Flat(node("Flatten", label, List.of(value), axis), channels * size * size)
          .declared();
    }

    private Feature same(String made, Moments after) {
      return declared(new Feature(made, channels, size, after));
    }

    private Feature declared(Feature made) {
      declare(made.value, Dim.of(made.channels), Dim.of(made.size), Dim.of(made.size));
      return made;
    }
  }

  /** A value of shape [N, width]. */
  final class Flat {
    private final String value;
    private final long width;

    private Flat(String value, long width) {
      this.value = value;
      this.width = width;
    }

    private Flat declared() {
      declare(value, Dim.of(width));
      return this;
    }

    Flat dense(String label, int outputs) {
      Tensor matrix = random.normal(Shape.of(outputs, width), Math.sqrt(2.0 / width));
      List<String> inputs =
          List.of(
              value,
              weight(label + ".weight", matrix),
              weight(label + ".bias", random.normals(outputs, 0, 0.05)));
      Map<String, Attribute> transposed = Map.of("transB", new Attribute.OfInt(1));
      return new Flat(node("Gemm", label, inputs, transposed), outputs).declared();
    }

    Flat relu(String label) {
      return new Flat(node("Relu", label, List.of(value), Map.of()), width).declared();
    }
  }

  /** The picture, of variance 1. */
  Feature input(long size) {
    declare("input", Dim.of(3), Dim.of(size), Dim.of(size));
    return new Feature("input", 3, size, Moments.standard(3));
  }

  /** The network up to here; its result is called {@code logits}. */
  Model model(Flat result, Map<String, String> metadata) {
    Node last = nodes.removeLast();
    nodes.add(
        new Node(
            last.name(),
            last.op(),
            "",
            last.inputs(),
            List.of("logits"),
            last.attributes(),
            Opaque.NONE));
    TensorType type = Objects.requireNonNull(values.removeLast().type());
    Graph graph =
        new Graph(
            name,
            List.of(values.getFirst()),
            List.of(Value.of("logits", type)),
            nodes,
            weights,
            values.subList(1, values.size()),
            Opaque.NONE);
    return new Model(graph, IR_VERSION, Map.of("", OPSET), metadata, Opaque.NONE);
  }

  private static Map<String, Attribute> window(long size, long stride, long padding) {
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("kernel_shape", repeated(size, 2));
    attributes.put("strides", repeated(stride, 2));
    attributes.put("pads", repeated(padding, 4));
    return attributes;
  }

  private static Attribute repeated(long value, int times) {
    return new Attribute.OfInts(LongStream.generate(() -> value).limit(times).boxed().toList());
  }

  private static Weight scalar(float value) {
    return new Weight.Held(Tensor.ofFloats(Shape.of(), value));
  }

  private String node(
      String op, String label, List<String> inputs, Map<String, Attribute> attributes) {
    String made = label + "_output";
    nodes.add(new Node(label, op, "", inputs, List.of(made), attributes, Opaque.NONE));
    return made;
  }

  private String weight(String label, float[] numbers) {
    return weight(label, Tensor.ofFloats(Shape.of(numbers.length), numbers));
  }

  private String weight(String label, Tensor tensor) {
    weights.put(label, new Weight.Held(tensor));
    return label;
  }

  private void declare(String value, Dim... rest) {
    List<Dim> dims = new ArrayList<>(List.of(BATCH));
    dims.addAll(List.of(rest));
    values.add(Value.of(value, new TensorType(ElementType.FLOAT, dims)));
  }
}
