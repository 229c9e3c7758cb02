package dev.skein.lab.experiment;

import dev.skein.cli.Experiment;
import dev.skein.cli.Folders;
import dev.skein.cli.Json;
import dev.skein.cli.Table;
import dev.skein.engine.ConstantRun;
import dev.skein.engine.OptimisedModel;
import dev.skein.engine.Optimization;
import dev.skein.engine.Race;
import dev.skein.engine.Session;
import dev.skein.engine.SessionOptions;
import dev.skein.graph.Model;
import dev.skein.onnx.OnnxReader;
import dev.skein.onnx.OnnxWriter;
import dev.skein.optimize.Optimizer;
import dev.skein.optimize.Samples;
import dev.skein.optimize.Trial;
import dev.skein.rewrite.Passes;
import dev.skein.tensor.Difference;
import dev.skein.tensor.Tensor;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * The same job done by Skein and by ONNX Runtime's offline optimiser: nodes and time of what comes
 * out, run with ONNX Runtime's own optimisations off (so that it is plain what the tool did) and on
 * (which is how a model is really run).
 */
public final class Optimizers implements Experiment {
  private static final double MOST_SECONDS = 10;
  private static final double MOST_MEMORY = 3;
  private static final int SEED = 7;
  private static final int SAMPLES = 3;
  private static final String PLAIN = "as it came";
  private static final String SKEIN = "Skein";

  @Override
  public String name() {
    return "optimizers";
  }

  @Override
  public String shows() {
    return "Skein's rewrites beside ONNX Runtime's offline optimiser: nodes, time, difference";
  }

  /**
   * @param offRatio time over the plain model's, ONNX Runtime's optimisations off
   * @param onRatio the same, all of them on
   */
  private record Row(
      String model,
      String tool,
      int nodes,
      long bytes,
      double offRatio,
      double onRatio,
      double difference) {}

  @Override
  public Result run(boolean quick, PrintStream out) throws Exception {
    List<Row> rows = new ArrayList<>();
    Duration time = Duration.ofSeconds(quick ? 2 : 10);
    for (Path file : Models.all()) {
      out.println("optimising " + file.getFileName());
      rows.addAll(compare(file, time));
    }
    Table table =
        new Table(
            "model",
            "optimised by",
            "nodes",
            "bytes",
            "time, runtime's off",
            "time, runtime's on",
            "difference");
    for (Row row : rows) {
      table.row(
          row.model(),
          row.tool(),
          row.nodes(),
          row.bytes(),
          row.offRatio(),
          row.onRatio(),
          "%.1e".formatted(row.difference()));
    }
    out.print(table);
    OptimizerCost cost = cost();
    out.printf(
        "skein optimize on a model of %.0f MB: %.1f s; memory over its size: %.2f, and %.2f with the"
            + " files that it maps%n",
        cost.fileBytes() / 1e6,
        cost.seconds(),
        (double) cost.anonymousBytes() / cost.fileBytes(),
        (double) cost.residentBytes() / cost.fileBytes());
    double memory = (double) cost.anonymousBytes() / cost.fileBytes();
    List<Row> ours = rows.stream().filter(row -> row.tool().equals(SKEIN)).toList();
    double slowest = ours.stream().mapToDouble(Row::onRatio).max().orElse(Double.NaN);
    double worst = ours.stream().mapToDouble(Row::difference).max().orElse(Double.NaN);
    return new Result(
        rows.stream().map(Json::row).toList(),
        List.of(
            new Claim(
                "slowest model after optimising, over ONNX Runtime's best",
                Optimizer.MOST_SLOWER,
                slowest,
                slowest <= Optimizer.MOST_SLOWER),
            new Claim(
                "greatest difference, relative to the output's range",
                Difference.TOLERANCE,
                worst,
                worst <= Difference.TOLERANCE),
            new Claim(
                "seconds to optimise a model of 100 MB",
                MOST_SECONDS,
                cost.seconds(),
                cost.seconds() <= MOST_SECONDS),
            new Claim(
                "memory for that over the model's size, without mapped files",
                MOST_MEMORY,
                memory,
                memory <= MOST_MEMORY)));
  }

  private static OptimizerCost cost() throws Exception {
    Path folder = Files.createTempDirectory("skein-optimizers");
    try {
      return OptimizerCost.measure(folder);
    } finally {
      Folders.delete(folder);
    }
  }

  private static List<Row> compare(Path file, Duration time) {
    Model plain = OnnxReader.read(file);
    List<Map<String, Tensor>> samples = Samples.random(plain, Map.of(), SAMPLES, SEED);
    Trial trial = new Trial(plain, samples, Duration.ofSeconds(1));
    Map<String, Model> made = new LinkedHashMap<>();
    made.put(PLAIN, plain);
    made.put(SKEIN, Optimizer.optimize(trial, Passes.standard(ConstantRun::outputs)).model());
    for (Optimization level : List.of(Optimization.BASIC, Optimization.EXTENDED)) {
      made.put(
          "ONNX Runtime offline, " + level.name().toLowerCase(Locale.ROOT),
          OptimisedModel.of(plain, level));
    }
    Map<String, Double> off = race(made, samples.getFirst(), time, Optimization.NONE);
    Map<String, Double> on = race(made, samples.getFirst(), time, Optimization.ALL);
    List<Row> rows = new ArrayList<>();
    made.forEach((tool, model) ->
        rows.add(
            new Row(
                String.valueOf(file.getFileName()),
                tool,
                model.graph().nodes().size(),
                OnnxWriter.toBytes(model).length,
                ratio(off, tool),
                ratio(on, tool),
                trial.difference(model))));
    return rows;
  }

  private static double ratio(Map<String, Double> millis, String tool) {
    return Objects.requireNonNull(millis.get(tool)) / Objects.requireNonNull(millis.get(PLAIN));
  }

  private static Map<String, Double> race(
      Map<String, Model> models, Map<String, Tensor> input, Duration time, Optimization level) {
    Map<String, Session> sessions = new LinkedHashMap<>();
    try {
      models.forEach((name, model) ->
          sessions.put(name, Session.open(model, SessionOptions.defaults().with(level))));
      return Race.run(sessions, input, time);
    } finally {
      sessions.values().forEach(Session::close);
    }
  }
}
