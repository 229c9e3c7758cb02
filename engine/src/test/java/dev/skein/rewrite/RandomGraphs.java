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
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Models of random operators, full of what clean-up passes look for. They take a batch of any size;
 * sizes of values are followed for two batches at once.
 */
final class RandomGraphs {
  static final int SMALL_BATCH = 3;
  static final int LARGE_BATCH = 5;

  private static final String[] UNARY = {"Relu", "Neg", "Abs", "Tanh", "Sigmoid", "Identity"};
  private static final int MOST_ELEMENTS = 3000;

  /** One axis, for either batch. */
  private record Axis(long small, long large) {
    static Axis of(long size) {
      return new Axis(size, size);
    }

    boolean isFixed() {
      return small == large;
    }

    Axis times(Axis other) {
      return new Axis(small * other.small, large * other.large);
    }
  }

  private record Made(String name, List<Axis> axes) {
    long elements() {
      return axes.stream().mapToLong(Axis::large).reduce(1, (a, b) -> a * b);
    }
  }

  private final Random random;
  private final List<Made> values = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Weight> weights = new LinkedHashMap<>();
  private int names = 0;

  private RandomGraphs(long seed) {
    random = new Random(seed);
  }

  static Model model(long seed) {
    return new RandomGraphs(seed).model();
  }

  static Map<String, Tensor> inputs(long seed, int batch) {
    Random random = new Random(seed);
    float[] numbers = new float[batch * 4 * 6];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return Map.of("x", Tensor.ofFloats(Shape.of(batch, 4, 6), numbers));
  }

  private Model model() {
    Dim batch = random.nextBoolean() ? Dim.named("N") : Dim.UNKNOWN;
    TensorType type = new TensorType(ElementType.FLOAT, List.of(batch, Dim.of(4), Dim.of(6)));
    values.add(new Made("x", List.of(new Axis(SMALL_BATCH, LARGE_BATCH), Axis.of(4), Axis.of(6))));
    while (nodes.size() < 30) {
      grow();
    }
    List<String> outputs = new ArrayList<>(List.of(values.getLast().name));
    Set<String> read = new HashSet<>(outputs);
    nodes.forEach(node -> read.addAll(node.inputs()));
    for (Made value : values) {
      if ((!read.contains(value.name) && random.nextInt(5) > 0) || random.nextInt(20) == 0) {
        outputs.add(value.name);
      }
    }
    Graph graph =
        new Graph(
            "random",
            List.of(Value.of("x", type)),
            outputs.stream().distinct().map(name -> Value.of(name, null)).toList(),
            nodes,
            weights,
            List.of(),
            Opaque.NONE);
    return new Model(graph, 8, Map.of("", 17L), Map.of(), Opaque.NONE);
  }

  private void grow() {
    Made from = any();
    switch (random.nextInt(17)) {
      case 0, 1 -> add(from.axes, UNARY[random.nextInt(UNARY.length)], from.name);
      case 2 -> withNumber(from);
      case 3 -> withArray(from);
      case 4 -> withLikeness(from);
      case 5, 6 -> transpose(from);
      case 7 -> flatten(from);
      case 8 -> merge(from);
      case 9 -> split(from);
      case 10 -> unsqueeze(from);
      case 11 -> squeeze(from);
      case 12 -> casts(from);
      case 13 -> nothing(from);
      case 14 -> again();
      case 15 -> computedReshape(from);
      default -> constants(from);
    }
  }

  // Mostly from what came last, so that there are chains.
  private Made any() {
    int back = Math.min(values.size(), random.nextInt(3) == 0 ? values.size() : 3);
    return values.get(values.size() - 1 - random.nextInt(back));
  }

  private String fresh() {
    return "v" + names++;
  }

  private Node add(List<Axis> axes, String op, String... inputs) {
    Node node = Node.of(op, List.of(inputs), List.of(fresh()));
    nodes.add(node);
    values.add(new Made(node.outputs().getFirst(), List.copyOf(axes)));
    return node;
  }

  private void set(String attribute, long... values) {
    Attribute value =
        values.length == 1 && !attribute.equals("perm")
            ? new Attribute.OfInt(values[0])
            : new Attribute.OfInts(LongStream.of(values).boxed().toList());
    nodes.set(nodes.size() - 1, nodes.getLast().with(attribute, value));
  }

  private String weight(Tensor tensor) {
    String name = fresh();
    if (random.nextInt(3) == 0) {
      nodes.add(
          Node.of("Constant", List.of(), List.of(name))
              .with("value", new Attribute.OfTensor(new Weight.Held(tensor))));
    } else {
      weights.put(name, new Weight.Held(tensor));
    }
    return name;
  }

  private String longs(long... numbers) {
    return weight(Tensor.ofLongs(Shape.of(numbers.length), numbers));
  }

  private void withNumber(Made from) {
    String number = weight(Tensor.ofFloats(Shape.of(), random.nextInt(3)));
    String op = new String[] {"Add", "Sub", "Mul", "Max"}[random.nextInt(4)];
    boolean first = random.nextBoolean();
    add(from.axes, op, first ? from.name : number, first ? number : from.name);
  }

  /** Adds or multiplies with 0 or 1 of a shape that may broadcast the value. */
  private void withArray(Made from) {
    Axis last = from.axes.isEmpty() ? Axis.of(1) : from.axes.getLast();
    if (!last.isFixed()) {
      return;
    }
    boolean longer = random.nextInt(4) == 0;
    float[] numbers = new float[(int) last.small];
    int number = random.nextInt(2);
    Arrays.fill(numbers, number);
    long[] shape = longer ? new long[from.axes.size() + 1] : new long[] {last.small};
    if (longer) {
      Arrays.fill(shape, 1);
      shape[shape.length - 1] = last.small;
    }
    if (shape.length > 6) {
      return;
    }
    List<Axis> axes = new ArrayList<>(from.axes);
    while (axes.size() < shape.length) {
      axes.addFirst(Axis.of(1));
    }
    String array = weight(Tensor.ofFloats(Shape.of(shape), numbers));
    add(axes, number == 0 ? "Add" : "Mul", from.name, array);
  }

  private void withLikeness(Made from) {
    List<Made> alike = values.stream().filter(value -> value.axes.equals(from.axes)).toList();
    add(from.axes, "Add", from.name, alike.get(random.nextInt(alike.size())).name);
  }

  private void transpose(Made from) {
    if (from.axes.isEmpty()) {
      return;
    }
    List<Integer> perm = new ArrayList<>(IntStream.range(0, from.axes.size()).boxed().toList());
    if (random.nextInt(3) == 0) {
      Collections.reverse(perm);
      add(perm.stream().map(from.axes::get).toList(), "Transpose", from.name);
      return;
    }
    Collections.shuffle(perm, random);
    add(perm.stream().map(from.axes::get).toList(), "Transpose", from.name);
    set("perm", perm.stream().mapToLong(Integer::longValue).toArray());
    Made back = values.getLast();
    int next = random.nextInt(3);
    if (next == 0) {
      transpose(back);
    } else if (next == 1) {
      if (random.nextBoolean()) {
        add(back.axes, "Relu", back.name);
        back = values.getLast();
      }
      add(from.axes, "Transpose", back.name);
      set("perm", IntStream.range(0, perm.size()).mapToLong(perm::indexOf).toArray());
    }
  }

  private static Axis product(List<Axis> axes) {
    return axes.stream().reduce(Axis.of(1), Axis::times);
  }

  private void flatten(Made from) {
    int axis = random.nextInt(from.axes.size() + 1);
    List<Axis> ahead = from.axes.subList(0, axis);
    List<Axis> behind = from.axes.subList(axis, from.axes.size());
    add(List.of(product(ahead), product(behind)), "Flatten", from.name);
    set("axis", axis);
  }

  /** A reshape to these axes, at most one of which depends on the batch. */
  private void reshape(Made from, List<Axis> axes) {
    long[] target = new long[axes.size()];
    boolean open = false;
    for (int i = 0; i < target.length; i++) {
      Axis axis = axes.get(i);
      boolean same = i < from.axes.size() && from.axes.get(i).equals(axis);
      if (same && (!axis.isFixed() || random.nextInt(3) == 0) && random.nextInt(4) > 0) {
        target[i] = 0;
      } else if (!open && (!axis.isFixed() || random.nextInt(4) == 0)) {
        target[i] = -1;
        open = true;
      } else if (axis.isFixed()) {
        target[i] = axis.small;
      } else {
        return;
      }
    }
    add(axes, "Reshape", from.name, longs(target));
  }

  private void merge(Made from) {
    if (from.axes.size() < 2) {
      return;
    }
    int axis = random.nextInt(from.axes.size() - 1);
    List<Axis> axes = new ArrayList<>(from.axes);
    axes.set(axis, axes.get(axis).times(axes.remove(axis + 1)));
    reshape(from, axes);
  }

  private void split(Made from) {
    List<Axis> axes = new ArrayList<>(from.axes);
    for (int i = 0; i < axes.size(); i++) {
      Axis axis = axes.get(i);
      if (axis.small % 2 == 0 && axis.large % 2 == 0 && axes.size() < 6) {
        axes.set(i, new Axis(axis.small / 2, axis.large / 2));
        axes.add(i, Axis.of(2));
        reshape(from, axes);
        return;
      }
    }
    reshape(from, axes);
  }

  private void unsqueeze(Made from) {
    if (from.axes.size() > 5) {
      return;
    }
    int axis = random.nextInt(from.axes.size() + 1);
    List<Axis> axes = new ArrayList<>(from.axes);
    axes.add(axis, Axis.of(1));
    add(axes, "Unsqueeze", from.name, longs(axis));
  }

  private void squeeze(Made from) {
    int axis = from.axes.indexOf(Axis.of(1));
    if (axis < 0) {
      return;
    }
    List<Axis> axes = new ArrayList<>(from.axes);
    axes.remove(axis);
    add(axes, "Squeeze", from.name, longs(random.nextBoolean() ? axis : axis - from.axes.size()));
  }

  private void casts(Made from) {
    ElementType[] types = {ElementType.FLOAT, ElementType.DOUBLE, ElementType.FLOAT16};
    String at = from.name;
    for (int i = random.nextInt(3); i > 0; i--) {
      String next = fresh();
      ElementType type = types[random.nextInt(types.length)];
      nodes.add(
          Node.of("Cast", List.of(at), List.of(next)).with("to", new Attribute.OfInt(type.code())));
      at = next;
    }
    add(from.axes, "Cast", at);
    set("to", ElementType.FLOAT.code());
  }

  private void nothing(Made from) {
    int rank = from.axes.size();
    if (rank == 0) {
      return;
    }
    long[] zeros = new long[rank];
    long[] ones = LongStream.generate(() -> 1).limit(rank).toArray();
    switch (random.nextInt(7)) {
      case 0 -> add(from.axes, "Dropout", from.name);
      case 1 -> {
        add(from.axes, "Concat", from.name);
        set("axis", 0);
      }
      case 2 -> add(from.axes, "Pad", from.name, longs(new long[2 * rank]));
      case 3 -> add(from.axes, "Tile", from.name, longs(ones));
      case 4 -> add(from.axes, "Expand", from.name, longs(ones));
      case 5 -> {
        long[] ends = LongStream.generate(() -> Long.MAX_VALUE).limit(rank).toArray();
        add(from.axes, "Slice", from.name, longs(zeros), longs(ends));
      }
      default -> add(from.axes, "Clip", from.name);
    }
  }

  /** A node as there is one already. */
  private void again() {
    if (nodes.isEmpty()) {
      return;
    }
    Node node = nodes.get(random.nextInt(nodes.size()));
    values.stream()
        .filter(value -> node.outputs().contains(value.name))
        .findFirst()
        .ifPresent(value -> {
          add(value.axes, node.op(), node.inputs().toArray(String[]::new));
          nodes.set(nodes.size() - 1, nodes.getLast().withAttributes(node.attributes()));
        });
  }

  /** Keeps the first axis, by arithmetic on the shape, and makes one of the others. */
  private void computedReshape(Made from) {
    if (from.axes.isEmpty()) {
      return;
    }
    String shape = fresh();
    String first = fresh();
    String target = fresh();
    nodes.add(Node.of("Shape", List.of(from.name), List.of(shape)));
    nodes.add(Node.of("Gather", List.of(shape, longs(0)), List.of(first)));
    Axis rest = product(from.axes.subList(1, from.axes.size()));
    String other = longs(rest.isFixed() && random.nextBoolean() ? rest.small : -1);
    nodes.add(
        Node.of("Concat", List.of(first, other), List.of(target))
            .with("axis", new Attribute.OfInt(0)));
    add(List.of(from.axes.getFirst(), rest), "Reshape", from.name, target);
  }

  /** Adds a value to which no input leads. */
  private void constants(Made from) {
    Axis last = from.axes.isEmpty() ? Axis.of(1) : from.axes.getLast();
    if (!last.isFixed() || last.small * 2 > MOST_ELEMENTS || from.elements() > MOST_ELEMENTS) {
      return;
    }
    float[] numbers = new float[(int) last.small];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = random.nextInt(4) / 4f;
    }
    String row = weight(Tensor.ofFloats(Shape.of(numbers.length), numbers));
    String at = row;
    for (int i = random.nextInt(3); i > 0; i--) {
      String next = fresh();
      String op = UNARY[random.nextInt(UNARY.length)];
      nodes.add(Node.of(op, List.of(at), List.of(next)));
      at = next;
    }
    List<Axis> axes = from.axes.isEmpty() ? List.of(last) : from.axes;
    add(axes, "Mul", from.name, at);
  }
}
