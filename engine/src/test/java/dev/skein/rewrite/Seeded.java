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
import java.util.Random;

/** Small models of one input x and one output y, with seeded weights. */
final class Seeded {
  private final Random random = new Random(11);
  private final Value input;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Weight> weights = new LinkedHashMap<>();

  /** Sizes of x; -1 for a batch of any size. */
  Seeded(long... dims) {
    List<Dim> axes =
        Arrays.stream(dims).mapToObj(dim -> dim < 0 ? Dim.named("N") : Dim.of(dim)).toList();
    input = Value.of("x", new TensorType(ElementType.FLOAT, axes));
  }

  Seeded weight(String name, long... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[(int) shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return put(name, Tensor.ofFloats(shape, values));
  }

  Seeded scalar(String name, float value) {
    return put(name, Tensor.ofFloats(Shape.of(), value));
  }

  Seeded longs(String name, long... values) {
    return put(name, Tensor.ofLongs(Shape.of(values.length), values));
  }

  private Seeded put(String name, Tensor tensor) {
    weights.put(name, new Weight.Held(tensor));
    return this;
  }

  /** A BatchNormalization of that many channels. */
  Seeded norm(String output, String value, int channels) {
    weight(output + "_scale", channels).weight(output + "_shift", channels);
    weight(output + "_mean", channels);
    float[] variance = new float[channels];
    for (int i = 0; i < channels; i++) {
      variance[i] = 0.5f + random.nextFloat();
    }
    put(output + "_variance", Tensor.ofFloats(Shape.of(channels), variance));
    return node(
        output,
        "BatchNormalization",
        value,
        output + "_scale",
        output + "_shift",
        output + "_mean",
        output + "_variance");
  }

  Seeded node(String output, String op, String... values) {
    nodes.add(Node.of(op, List.of(values), List.of(output.split(","))));
    return this;
  }

  /** Of the last node. */
  Seeded ints(String attribute, long... values) {
    return with(attribute, new Attribute.OfInts(Arrays.stream(values).boxed().toList()));
  }

  Seeded with(String attribute, Attribute value) {
    nodes.add(nodes.removeLast().with(attribute, value));
    return this;
  }

  Seeded with(String attribute, int value) {
    return with(attribute, new Attribute.OfInt(value));
  }

  Seeded with(String attribute, float value) {
    return with(attribute, new Attribute.OfFloat(value));
  }

  Model model() {
    return model(17);
  }

  Model model(long opset) {
    Graph graph =
        new Graph(
            "seeded",
            List.of(input),
            List.of(Value.of("y", null)),
            nodes,
            weights,
            List.of(),
            Opaque.NONE);
    return new Model(graph, 8, Map.of("", opset), Map.of(), Opaque.NONE);
  }
}
