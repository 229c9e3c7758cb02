package dev.skein.lab.experiment;

import dev.skein.cli.Experiment;
import dev.skein.cli.Table;
import dev.skein.engine.ShapeProbe;
import dev.skein.graph.Model;
import dev.skein.graph.Value;
import dev.skein.onnx.OnnxReader;
import dev.skein.slice.Axis;
import dev.skein.slice.Slicing;
import dev.skein.tensor.Difference;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Tensor;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Every layer of every model, cut every way: the pieces together give the plain result. */
public final class Slices implements Experiment {
  private static final int SEED = 7;
  private static final int QUICK_STEP = 6;
  private static final int[] PIECES = {2, 3, 5};

  private final List<Map<String, Object>> rows = new ArrayList<>();
  private final Table table =
      new Table(
          "model", "cut along", "layers", "slicings", "pieces", "in graph", "greatest difference");
  private double worst;
  private int tried;

  private static final Set<String> LAYERS = Set.of("Conv", "Gemm", "MatMul");

  private final Set<String> cut = new HashSet<>();
  private long uncut;

  @Override
  public String name() {
    return "slices";
  }

  @Override
  public String shows() {
    return "every slicing of every layer, apart and in one graph, equals the plain result";
  }

  @Override
  public Result run(boolean quick, PrintStream out) throws Exception {
    for (Path file : Models.all()) {
      Model read = OnnxReader.read(file);
      if (!isFloat(read)) {
        continue;
      }
      out.println("slicing " + file.getFileName());
      SlicedModel model = new SlicedModel(read, noise(read));
      for (Axis axis : Axis.values()) {
        List<List<Slicing>> ways = new ArrayList<>();
        for (int pieces : PIECES) {
          ways.add(model.slicings(axis, pieces));
        }
        ways.add(model.uneven(axis));
        check(file, axis.toString(), model, ways, quick);
      }
      check(file, "output-channels, what follows too", model, many(model::along), quick);
      check(file, "rows of several layers", model, many(model::chains), quick);
      uncut += uncut(read);
    }
    out.print(table);
    out.printf("%d slicings tried; the greatest difference of any is %.1e%n", tried, worst);
    return new Result(
        rows,
        List.of(
            new Claim(
                "greatest difference of any slicing, relative to the value's range",
                Difference.TOLERANCE,
                worst,
                worst <= Difference.TOLERANCE),
            new Claim("layers with weights that could be cut no way", 0, uncut, uncut == 0)));
  }

  /** Layers of the model that was just sliced that no slicing has taken apart. */
  private long uncut(Model model) {
    long count =
        model.graph().nodes().stream()
            .filter(node -> LAYERS.contains(node.op()) && !cut.contains(node.outputs().getFirst()))
            .count();
    cut.clear();
    return count;
  }

  private static List<List<Slicing>> many(IntFunction<List<Slicing>> slicings) {
    return IntStream.of(PIECES).mapToObj(slicings).toList();
  }

  private void check(
      Path file, String axis, SlicedModel model, List<List<Slicing>> ways, boolean quick) {
    int layers = ways.getFirst().size();
    if (layers == 0) {
      return;
    }
    int slicings = 0;
    int pieces = 0;
    int inGraph = 0;
    double difference = 0;
    for (List<Slicing> way : ways) {
      way.forEach(slicing -> slicing.nodes().forEach(node -> cut.addAll(node.outputs())));
      for (int i = 0; i < way.size(); i += quick ? QUICK_STEP : 1) {
        difference = Math.max(difference, model.apart(way.get(i)));
        slicings++;
        pieces += way.get(i).pieces().size();
      }
    }
    for (List<Slicing> group : groups(ways.getFirst(), quick)) {
      difference = Math.max(difference, model.together(group));
      inGraph++;
    }
    tried += slicings + inGraph;
    worst = Math.max(worst, difference);
    String name = file.getFileName().toString();
    rows.add(
        Map.of(
            "model", name,
            "axis", axis,
            "layers", layers,
            "slicings", slicings,
            "pieces", pieces,
            "in_graph", inGraph,
            "greatest_difference", difference));
    table.row(name, axis, layers, slicings, pieces, inGraph, "%.1e".formatted(difference));
  }

  /** Slicings to put into one graph: as many at once as do not overlap, or each by itself too. */
  private static List<List<Slicing>> groups(List<Slicing> slicings, boolean quick) {
    List<Slicing> apart = new ArrayList<>();
    for (Slicing slicing : slicings) {
      if (apart.stream().noneMatch(other -> overlap(other, slicing))) {
        apart.add(slicing);
      }
    }
    List<List<Slicing>> groups = new ArrayList<>(List.of(apart));
    if (!quick) {
      slicings.forEach(slicing -> groups.add(List.of(slicing)));
    }
    return groups;
  }

  private static boolean overlap(Slicing one, Slicing other) {
    return one.nodes().stream().anyMatch(other.nodes()::contains);
  }

  private static boolean isFloat(Model model) {
    return model.graph().requiredInputs().stream()
            .map(Value::type)
            .allMatch(type -> type != null && type.element() == ElementType.FLOAT)
        && model.graph().nodes().stream()
            .noneMatch(node -> node.op().contains("QLinear") || node.op().contains("Quantize"));
  }

  /** Inputs of the declared shapes, unknown axes 1, uniform in [-1, 1). */
  private static Map<String, Tensor> noise(Model model) {
    Random random = new Random(SEED);
    Map<String, Tensor> inputs = ShapeProbe.zeros(model, Map.of());
    for (Tensor tensor : inputs.values()) {
      for (long i = 0; i < tensor.shape().elements(); i++) {
        tensor.data().setAtIndex(Tensor.FLOAT, i, 2 * random.nextFloat() - 1);
      }
    }
    return inputs;
  }
}
