package dev.skein.slice;

import dev.skein.engine.Session;
import dev.skein.engine.SessionOptions;
import dev.skein.engine.ShapeProbe;
import dev.skein.graph.Attribute;
import dev.skein.graph.Dim;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Opaque;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.graph.Weight;
import dev.skein.rewrite.Scope;
import dev.skein.tensor.Difference;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Builds small nets with seeded weights, node by node, and runs them whole and in pieces. */
public final class Nets {
  private final Random random = new Random(11);
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Weight> weights = new LinkedHashMap<>();
  private final List<Value> inputs = new ArrayList<>();
  private final long opset;

  public Nets(long opset) {
    this.opset = opset;
  }

  public Nets input(String name, long... dims) {
    inputs.add(Value.of(name, TensorType.of(ElementType.FLOAT, Shape.of(dims))));
    return this;
  }

  /** An input whose first axis is open. */
  public Nets batch(String name, long... dims) {
    List<Dim> all = new ArrayList<>(List.of(Dim.named("N")));
    Arrays.stream(dims).mapToObj(Dim::of).forEach(all::add);
    inputs.add(Value.of(name, new TensorType(ElementType.FLOAT, all)));
    return this;
  }

  public Nets weight(String name, long... dims) {
    return weight(name, noise(random, Shape.of(dims)));
  }

  public Nets weight(String name, Tensor tensor) {
    weights.put(name, new Weight.Held(tensor));
    return this;
  }

  public Nets longs(String name, long... values) {
    return weight(name, Tensor.ofLongs(Shape.of(values.length), values));
  }

  /** Attributes as names and values in turn: numbers, lists of numbers, or text. */
  public Nets node(String op, String reads, String makes, Object... attributes) {
    Node node = Node.of(op, List.of(reads.split(",", -1)), List.of(makes.split(",", -1)));
    for (int i = 0; i < attributes.length; i += 2) {
      node = node.with((String) attributes[i], attribute(attributes[i + 1]));
    }
    nodes.add(node);
    return this;
  }

  private static Attribute attribute(Object value) {
    return switch (value) {
      case Integer number -> new Attribute.OfInt(number);
      case Float number -> new Attribute.OfFloat(number);
      case String text -> new Attribute.OfString(text);
      case long[] numbers -> new Attribute.OfInts(Arrays.stream(numbers).boxed().toList());
      default -> throw new IllegalArgumentException(String.valueOf(value));
    };
  }

  /** With the types of all values declared. */
  public Model model(String... outputs) {
    List<Value> wanted = Arrays.stream(outputs).map(name -> Value.of(name, null)).toList();
    Graph graph = new Graph("net", inputs, wanted, nodes, weights, List.of(), Opaque.NONE);
    return annotated(new Model(graph, 8, Map.of("", opset), Map.of(), Opaque.NONE));
  }

  /** With declared types of intermediate values and of outputs. */
  public static Model annotated(Model model) {
    Map<String, TensorType> types = ShapeProbe.types(model);
    Graph graph = model.graph();
    List<Value> outputs =
        graph.outputs().stream()
            .map(value -> Value.of(value.name(), types.get(value.name())))
            .toList();
    Graph typed =
        new Graph(
            graph.name(),
            graph.inputs(),
            outputs,
            graph.nodes(),
            graph.weights(),
            graph.annotations(),
            graph.rest());
    return model.with(typed.annotated(types));
  }

  public static Tensor noise(Random random, Shape shape) {
    float[] values = new float[(int) shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.ofFloats(shape, values);
  }

  public static Map<String, Tensor> noise(Model model, long batch) {
    Random random = new Random(5);
    Map<String, Tensor> inputs = ShapeProbe.zeros(model, Map.of("N", batch));
    inputs.replaceAll((name, tensor) -> noise(random, tensor.shape()));
    return inputs;
  }

  public static Map<String, Tensor> run(Model model, Map<String, Tensor> given) {
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      return session.run(given);
    }
  }

  /** The first node that makes this value. */
  public static Node maker(Scope scope, String value) {
    Node node = scope.maker(value);
    if (node == null) {
      throw new IllegalArgumentException(value);
    }
    return node;
  }

  /** Runs every piece by itself on its share of the inputs and merges what comes out. */
  public static Tensor merged(Slicing slicing, Map<String, Tensor> whole) {
    List<Tensor> results = new ArrayList<>();
    for (Piece piece : slicing.pieces()) {
      results.addAll(run(piece.model(), piece.cut(whole)).values());
    }
    return Merges.merge(slicing.merge(), results);
  }

  /** Greatest difference of the pieces, merged and in one graph, from the model's own result. */
  public static double difference(Model model, Slicing slicing) {
    Map<String, Tensor> inputs = noise(model, 2);
    Map<String, Tensor> expected = run(model, inputs);
    Tensor merged = merged(slicing, inputs);
    double apart = Difference.of(expected, Map.of(slicing.output(), merged));
    Scope scope = new Scope(model);
    Graph sliced = Slicer.inGraph(scope, slicing).apply(model.graph());
    double together = Difference.of(expected, run(model.with(sliced), inputs));
    return Math.max(apart, together);
  }

  static MemorySegment memory(Weight weight) {
    return ((Weight.Held) weight).tensor().data();
  }
}
