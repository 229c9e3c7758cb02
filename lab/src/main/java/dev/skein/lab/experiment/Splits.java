package dev.skein.lab.experiment;

import dev.skein.cli.Experiment;
import dev.skein.cli.Table;
import dev.skein.engine.Session;
import dev.skein.engine.SessionOptions;
import dev.skein.engine.ShapeProbe;
import dev.skein.graph.Cut;
import dev.skein.graph.Model;
import dev.skein.graph.Segment;
import dev.skein.node.Survey;
import dev.skein.onnx.OnnxReader;
import dev.skein.onnx.OnnxWriter;
import dev.skein.tensor.Difference;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Tensor;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Every model, every way to cut it in two or three: the pieces together give the plain result. */
public final class Splits implements Experiment {
  private static final int SEED = 7;
  private static final int QUICK_PAIRS = 60;

  @Override
  public String name() {
    return "splits";
  }

  @Override
  public String shows() {
    return "every model round-trips, and every two- and three-way split equals the plain result";
  }

  @Override
  public Result run(boolean quick, PrintStream out) throws Exception {
    List<Map<String, Object>> rows = new ArrayList<>();
    Table table =
        new Table(
            "model", "nodes", "cuts", "round trip", "two-way", "three-way", "greatest difference");
    double worst = 0;
    for (Path file : Models.all()) {
      out.println("splitting " + file.getFileName());
      Outcome outcome = split(file, quick);
      worst = Math.max(worst, Math.max(outcome.roundTrip(), outcome.worst()));
      rows.add(
          Map.of(
              "model", file.getFileName().toString(),
              "nodes", outcome.nodes(),
              "cuts", outcome.cuts(),
              "round_trip_difference", outcome.roundTrip(),
              "two_way_splits", outcome.twoWay(),
              "three_way_splits", outcome.threeWay(),
              "greatest_difference", outcome.worst()));
      table.row(
          file.getFileName(),
          outcome.nodes(),
          outcome.cuts(),
          outcome.roundTrip() == 0 ? "equal" : "%.1e".formatted(outcome.roundTrip()),
          outcome.twoWay(),
          outcome.threeWay(),
          "%.1e".formatted(outcome.worst()));
    }
    out.print(table);
    return new Result(
        rows,
        List.of(
            new Claim(
                "greatest difference of any split, relative to the output's range",
                Difference.TOLERANCE,
                worst,
                worst <= Difference.TOLERANCE)));
  }

  private record Outcome(
      int nodes, int cuts, double roundTrip, int twoWay, int threeWay, double worst) {}

  private static Outcome split(Path file, boolean quick) {
    Model read = OnnxReader.read(file);
    Map<String, Tensor> inputs = noise(read);
    Model model = Survey.typed(read, ShapeProbe.probe(read, inputs));
    Map<String, Tensor> plain = run(model, inputs);
    Map<String, Tensor> again = run(OnnxReader.read(OnnxWriter.toBytes(model)), inputs);
    List<Cut> cuts = Survey.cuts(model);
    Cut entry = cuts.getFirst();
    Cut exit = cuts.getLast();
    List<Cut> inner = cuts.subList(1, cuts.size() - 1);
    double worst = 0;
    List<Map<String, Tensor>> heads = new ArrayList<>();
    List<int[]> pairs = pairs(inner.size(), quick);
    try (Pieces pieces = new Pieces(model)) {
      for (Cut cut : inner) {
        Map<String, Tensor> head = pieces.once(new Segment(entry, cut), inputs);
        heads.add(head);
        Map<String, Tensor> outputs = pieces.often(new Segment(cut, exit), head);
        worst = Math.max(worst, Difference.of(plain, outputs));
      }
      for (int[] pair : pairs) {
        Cut first = inner.get(pair[0]);
        Cut second = inner.get(pair[1]);
        Map<String, Tensor> middle = pieces.once(new Segment(first, second), heads.get(pair[0]));
        Map<String, Tensor> outputs = pieces.often(new Segment(second, exit), middle);
        worst = Math.max(worst, Difference.of(plain, outputs));
      }
    }
    return new Outcome(
        model.graph().nodes().size(),
        inner.size(),
        Difference.of(plain, again),
        inner.size(),
        pairs.size(),
        worst);
  }

  private static Map<String, Tensor> run(Model model, Map<String, Tensor> inputs) {
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      return session.run(inputs);
    }
  }

  /** All pairs of cuts, or a seeded sample of them. */
  private static List<int[]> pairs(int cuts, boolean quick) {
    List<int[]> pairs = new ArrayList<>();
    for (int first = 0; first < cuts; first++) {
      for (int second = first + 1; second < cuts; second++) {
        pairs.add(new int[] {first, second});
      }
    }
    if (quick && pairs.size() > QUICK_PAIRS) {
      Collections.shuffle(pairs, new Random(SEED));
      return pairs.subList(0, QUICK_PAIRS);
    }
    return pairs;
  }

  /** Inputs of the declared shapes, unknown axes 1, floats uniform in [-1, 1). */
  private static Map<String, Tensor> noise(Model model) {
    Random random = new Random(SEED);
    Map<String, Tensor> inputs = ShapeProbe.zeros(model, Map.of());
    for (Tensor tensor : inputs.values()) {
      if (tensor.type() == ElementType.FLOAT) {
        for (long i = 0; i < tensor.shape().elements(); i++) {
          tensor.data().setAtIndex(Tensor.FLOAT, i, 2 * random.nextFloat() - 1);
        }
      }
    }
    return inputs;
  }
}
