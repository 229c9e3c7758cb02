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
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Models of random operators on integers, whose divisions round and whose products wrap around. */
final class RandomIntegers {
  static final int BATCH = 3;

  private static final String[] REDUCTIONS = {
    "ReduceMean", "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd"
  };
  private static final String[] BINARY = {"Add", "Sub", "Mul", "Div", "Max", "Min"};
  private static final ValueLayout.OfInt INT32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int NODES = 12;
  private static final int RANK = 4;
  private static final long OPSET = 17;

  private final Random random;
  private final List<String> values = new ArrayList<>(List.of("x"));
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Weight> weights = new LinkedHashMap<>();

  private RandomIntegers(long seed) {
    random = new Random(seed);
  }

  static Model model(long seed) {
    RandomIntegers maker = new RandomIntegers(seed);
    while (maker.nodes.size() < NODES) {
      maker.grow();
    }
    return maker.finished();
  }

  static Map<String, Tensor> inputs(long seed) {
    Random random = new Random(seed);
    Tensor tensor = Tensor.allocate(ElementType.INT32, Shape.of(BATCH, 4, 6, 5));
    for (int i = 0; i < tensor.shape().elements(); i++) {
      tensor.data().setAtIndex(INT32, i, random.nextInt(-50, 50));
    }
    return Map.of("x", tensor);
  }

  private Model finished() {
    Set<String> outputs = new LinkedHashSet<>(values);
    nodes.forEach(node -> outputs.removeAll(node.reads()));
    List<Dim> dims = List.of(Dim.named("N"), Dim.of(4), Dim.of(6), Dim.of(5));
    Graph graph =
        new Graph(
            "integers",
            List.of(Value.of("x", new TensorType(ElementType.INT32, dims))),
            outputs.stream().map(name -> Value.of(name, null)).toList(),
            nodes,
            weights,
            List.of(),
            Opaque.NONE);
    return new Model(graph, 8, Map.of("", OPSET), Map.of(), Opaque.NONE);
  }

  private void grow() {
    // Mostly the newest, so that chains come about.
    String from =
        random.nextInt(4) > 0 ? values.getLast() : values.get(random.nextInt(values.size()));
    switch (random.nextInt(8)) {
      case 0, 1, 2 -> reduce(from);
      case 3, 4 -> {
        String op = BINARY[random.nextInt(BINARY.length)];
        boolean first = op.equals("Div") || random.nextBoolean();
        String number = number();
        add(op, first ? from : number, first ? number : from);
      }
      case 5 -> add(random.nextBoolean() ? "Neg" : "Abs", from);
      case 6 -> casts(from);
      default -> add("Identity", from);
    }
  }

  private void add(String op, String... inputs) {
    String name = "v" + nodes.size();
    nodes.add(Node.of(op, List.of(inputs), List.of(name)));
    values.add(name);
  }

  private void set(String name, Attribute value) {
    nodes.set(nodes.size() - 1, nodes.getLast().with(name, value));
  }

  /** Not 0: something may be divided by it. */
  private String number() {
    Tensor tensor = Tensor.allocate(ElementType.INT32, Shape.of());
    tensor.data().setAtIndex(INT32, 0, random.nextInt(1, 4));
    String name = "c" + weights.size();
    weights.put(name, new Weight.Held(tensor));
    return name;
  }

  private void reduce(String from) {
    String op = REDUCTIONS[random.nextInt(REDUCTIONS.length)];
    long axis = random.nextInt(RANK);
    if (op.equals("ReduceSum")) {
      String axes = "a" + weights.size();
      weights.put(axes, new Weight.Held(Tensor.ofLongs(Shape.of(1), axis)));
      add(op, from, axes);
    } else {
      add(op, from);
      set("axes", new Attribute.OfInts(List.of(axis)));
    }
  }

  private void casts(String from) {
    ElementType wide = random.nextBoolean() ? ElementType.INT64 : ElementType.DOUBLE;
    String between = "w" + nodes.size();
    nodes.add(
        Node.of("Cast", List.of(from), List.of(between))
            .with("to", new Attribute.OfInt(wide.code())));
    add("Cast", between);
    set("to", new Attribute.OfInt(ElementType.INT32.code()));
  }
}
