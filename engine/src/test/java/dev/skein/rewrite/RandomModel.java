package dev.skein.rewrite;

import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Value;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Seeded models of the operators that fusions look at, in orders that nobody would choose. */
final class RandomModel {
  private static final int NODES = 14;

  /** A value of shape N×channels×height×width, or N×channels if height is 0. */
  private record Feature(String name, int channels, int height, int width) {}

  private final Random random;
  private final long opset;
  private final Seeded model = new Seeded(-1, 4, 6, 5);
  private final List<Feature> values = new ArrayList<>(List.of(new Feature("x", 4, 6, 5)));
  private int count;

  private RandomModel(long seed, long opset) {
    this.random = new Random(seed);
    this.opset = opset;
  }

  static Model of(long seed, long opset) {
    RandomModel maker = new RandomModel(seed, opset);
    for (int i = 0; i < NODES; i++) {
      maker.grow();
    }
    return maker.finished();
  }

  /** Outputs are all values that nothing reads, and sometimes one that something does. */
  private Model finished() {
    Model made = model.model(opset);
    Graph graph = made.graph();
    Set<String> outputs = new LinkedHashSet<>();
    values.forEach(value -> outputs.add(value.name()));
    graph.nodes().forEach(node -> outputs.removeAll(node.reads()));
    outputs.add(values.get(1 + random.nextInt(values.size() - 1)).name());
    return made.with(
        new Graph(
            graph.name(),
            graph.inputs(),
            outputs.stream().map(name -> Value.of(name, null)).toList(),
            graph.nodes(),
            graph.weights(),
            graph.annotations(),
            graph.rest()));
  }

  private void grow() {
    // Mostly the newest, so that chains come about.
    Feature from =
        random.nextInt(4) > 0 ? values.getLast() : values.get(random.nextInt(values.size()));
    int kind = random.nextInt(from.height() == 0 ? 8 : 15);
    switch (kind) {
      case 0, 1, 2 -> constant(from);
      case 3 -> clamp(from);
      case 4 -> add(from, "Neg", from);
      case 5 -> norm(from);
      case 6, 7 -> linear(from);
      case 8 -> siblings(from);
      case 9 -> window(from);
      case 10 -> pad(from);
      case 11 -> reduce(from);
      case 12 -> swish(from);
      case 13 -> linear(from);
      default -> flat(from);
    }
  }

  private String fresh() {
    return "v" + count++;
  }

  private void add(Feature like, String op, Feature... from) {
    String name = fresh();
    String[] inputs = new String[from.length];
    for (int i = 0; i < from.length; i++) {
      inputs[i] = from[i].name();
    }
    model.node(name, op, inputs);
    values.add(new Feature(name, like.channels(), like.height(), like.width()));
  }

  private void made(String name, int channels, int height, int width) {
    values.add(new Feature(name, channels, height, width));
  }

  private void constant(Feature from) {
    String name = fresh();
    String weight = name + "_c";
    int channels = from.channels();
    boolean flat = from.height() == 0;
    switch (random.nextInt(4)) {
      case 0 -> model.scalar(weight, 0.5f + random.nextFloat());
      case 1 -> model.weight(weight, flat ? new long[] {channels} : new long[] {channels, 1, 1});
      case 2 ->
          model.weight(weight, flat ? new long[] {1, channels} : new long[] {1, channels, 1, 1});
      default -> model.weight(weight, flat ? new long[] {1} : new long[] {from.width()});
    }
    String op = List.of("Add", "Sub", "Mul").get(random.nextInt(3));
    if (random.nextBoolean()) {
      model.node(name, op, from.name(), weight);
    } else {
      model.node(name, op, weight, from.name());
    }
    made(name, channels, from.height(), from.width());
  }

  private void clamp(Feature from) {
    String name = fresh();
    float low = -random.nextInt(2);
    float high = 1 + random.nextInt(3);
    if (random.nextBoolean()) {
      model.node(name, "Relu", from.name());
    } else if (opset < 11) {
      model.node(name, "Clip", from.name()).with("min", low).with("max", high);
    } else if (random.nextBoolean()) {
      model.scalar(name + "_l", low).scalar(name + "_h", high);
      model.node(name, "Clip", from.name(), name + "_l", name + "_h");
    } else {
      model.scalar(name + "_l", low).node(name, "Max", name + "_l", from.name());
    }
    made(name, from.channels(), from.height(), from.width());
  }

  private void norm(Feature from) {
    String name = fresh();
    model.norm(name, from.name(), from.channels());
    made(name, from.channels(), from.height(), from.width());
  }

  private void linear(Feature from) {
    String name = fresh();
    if (from.height() == 0) {
      int outputs = 1 + random.nextInt(8);
      if (random.nextBoolean()) {
        model.weight(name + "_w", from.channels(), outputs);
        model.node(name, "MatMul", from.name(), name + "_w");
      } else {
        model.weight(name + "_w", outputs, from.channels()).weight(name + "_b", 1, outputs);
        model.node(name, "Gemm", from.name(), name + "_w", name + "_b");
        model.with("transB", 1).with("alpha", 0.5f).with("beta", 2f);
      }
      made(name, outputs, 0, 0);
      return;
    }
    boolean grouped = from.channels() % 2 == 0 && random.nextInt(3) == 0;
    int groups = grouped ? 2 : 1;
    int outputs = groups * (1 + random.nextInt(4));
    if (random.nextInt(4) == 0) {
      model.weight(name + "_w", from.channels(), outputs / groups, 2, 2);
      model.node(name, "ConvTranspose", from.name(), name + "_w").with("group", groups);
      made(name, outputs, from.height() + 1, from.width() + 1);
      return;
    }
    int kernel = random.nextInt(3) > 0 || from.height() < 3 || from.width() < 3 ? 1 : 3;
    int pad = random.nextBoolean() ? kernel / 2 : 0;
    model.weight(name + "_w", outputs, from.channels() / groups, kernel, kernel);
    if (random.nextBoolean()) {
      model.weight(name + "_b", outputs);
      model.node(name, "Conv", from.name(), name + "_w", name + "_b");
    } else {
      model.node(name, "Conv", from.name(), name + "_w");
    }
    model.with("group", groups).ints("pads", pad, pad, pad, pad);
    int shrink = kernel - 1 - 2 * pad;
    made(name, outputs, from.height() - shrink, from.width() - shrink);
  }

  private void siblings(Feature from) {
    String one = fresh();
    String other = fresh();
    String name = fresh();
    model.weight(one + "_w", 3, from.channels(), 1, 1).node(one, "Conv", from.name(), one + "_w");
    model.weight(other + "_w", 2, from.channels(), 1, 1);
    model.node(other, "Conv", from.name(), other + "_w");
    made(one, 3, from.height(), from.width());
    made(other, 2, from.height(), from.width());
    if (random.nextBoolean()) {
      model.node(name, "Concat", other, one, from.name()).with("axis", 1);
      made(name, 5 + from.channels(), from.height(), from.width());
    }
  }

  private void window(Feature from) {
    String name = fresh();
    if (random.nextBoolean()) {
      model.node(name, random.nextBoolean() ? "AveragePool" : "MaxPool", from.name());
      model.ints("kernel_shape", from.height(), from.width());
      made(name, from.channels(), 1, 1);
    } else if (from.height() > 1 && from.width() > 1) {
      model.node(name, "AveragePool", from.name()).ints("kernel_shape", 2, 2);
      made(name, from.channels(), from.height() - 1, from.width() - 1);
    }
  }

  private void pad(Feature from) {
    // ONNX Runtime's own optimiser makes an invalid pooling of two pads in a row.
    if (from.name().startsWith("p")) {
      return;
    }
    String name = "p" + count++;
    long[] pads = {0, 0, 1, 0, 0, 0, 0, 1};
    if (opset < 11) {
      model.node(name, "Pad", from.name()).ints("pads", pads);
    } else {
      model.longs(name + "_p", pads).node(name, "Pad", from.name(), name + "_p");
    }
    made(name, from.channels(), from.height() + 1, from.width() + 1);
  }

  private void reduce(Feature from) {
    String name = fresh();
    String op = List.of("ReduceMean", "ReduceMax").get(random.nextInt(2));
    int axis = 2 + random.nextInt(2);
    if (opset < 18) {
      model.node(name, op, from.name()).ints("axes", axis - 4);
    } else {
      model.longs(name + "_a", axis).node(name, op, from.name(), name + "_a");
    }
    made(name, from.channels(), axis == 2 ? 1 : from.height(), axis == 3 ? 1 : from.width());
  }

  private void swish(Feature from) {
    String name = fresh();
    model.node(name + "_g", "HardSigmoid", from.name()).with("alpha", 1 / 6f).with("beta", 0.5f);
    model.node(name, "Mul", name + "_g", from.name());
    made(name, from.channels(), from.height(), from.width());
  }

  private void flat(Feature from) {
    String name = fresh();
    model.node(name + "_p", "GlobalAveragePool", from.name());
    model.node(name, "Flatten", name + "_p").with("axis", 1);
    made(name, from.channels(), 0, 0);
  }
}
