package dev.skein.lab.experiment;

import dev.skein.architecture.Architectures;
import dev.skein.cli.Experiment;
import dev.skein.cli.Folders;
import dev.skein.cli.Json;
import dev.skein.cli.Table;
import dev.skein.onnx.OnnxWriter;
import dev.skein.tensor.Difference;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Table II of CrowdHMTware: a model in 75, 50 and 25 % of the memory that it takes by itself. The
 * paper limits the whole device and keeps within it by compressing and offloading too; here the
 * model stays as it is and the budget is what it adds to the process: its weights come and go.
 */
public final class MemoryBudgets implements Experiment {
  private static final List<Integer> SHARES = List.of(100, 75, 50, 25);

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public String shows() {
    return "models within 75, 50 and 25 % of their memory: what is kept, what it costs (Table II)";
  }

  /**
   * @param budgetBytes what the model may add to the process; 0 for no limit
   * @param addedBytes most that it did add while running, measured
   * @param latencyRatio over the model without a limit
   * @param difference from its result, relative to its range
   */
  private record Row(
      String model,
      int share,
      long budgetBytes,
      long addedBytes,
      long baseBytes,
      long plannedBytes,
      long reloadedBytes,
      int segments,
      double millis,
      double latencyRatio,
      double difference) {}

  @Override
  public Result run(boolean quick, PrintStream out) throws Exception {
    List<Row> rows = new ArrayList<>();
    List<Claim> claims = new ArrayList<>();
    Path folder = Files.createTempDirectory("skein-memory");
    try {
      for (Map.Entry<String, Path> model : models(folder, quick).entrySet()) {
        out.println("running " + model.getKey() + " within budgets");
        List<Row> levels =
            levels(model.getKey(), new MemoryChild(model.getValue(), folder, quick ? 2 : 8));
        rows.addAll(levels);
        for (Row row : levels.subList(1, levels.size())) {
          claims.add(
              new Claim(
                  "%s at %d %%: memory added over the budget".formatted(row.model(), row.share()),
                  1,
                  (double) row.addedBytes() / row.budgetBytes(),
                  row.addedBytes() <= row.budgetBytes()));
        }
      }
    } finally {
      Folders.delete(folder);
    }
    out.print(table(rows));
    double worst = rows.stream().mapToDouble(Row::difference).max().orElse(Double.NaN);
    claims.add(
        new Claim(
            "greatest difference, relative to the output's range",
            Difference.TOLERANCE,
            worst,
            worst <= Difference.TOLERANCE));
    return new Result(rows.stream().map(Json::row).toList(), claims);
  }

  private static Map<String, Path> models(Path folder, boolean quick) {
    Map<String, Path> models = new LinkedHashMap<>();
    models.put("mobilenetv2_1.0_224.onnx", Models.model("mobilenetv2_1.0_224.onnx"));
    List<String> built =
        quick ? List.of("random:resnet18@224") : List.of("random:resnet18@224", "random:vgg16@224");
    for (String name : built) {
      Path file = folder.resolve(name.replaceAll("\\W", "-") + ".onnx");
      OnnxWriter.write(Architectures.parse(name).orElseThrow(), file);
      models.put(name, file);
    }
    return models;
  }

  private static List<Row> levels(String name, MemoryChild child) throws IOException {
    List<Row> rows = new ArrayList<>();
    MemoryRun.Result free = child.run(0);
    for (int share : SHARES) {
      long budget = share == 100 ? 0 : free.addedBytes() * share / 100;
      MemoryRun.Result one = share == 100 ? free : child.run(budget);
      if (one.segments() == 0) {
        // Not even the least that works is so little: shown is what it takes then.
        one = child.run(one.plannedBytes());
      }
      rows.add(
          new Row(
              name,
              share,
              budget,
              one.addedBytes(),
              one.baseBytes(),
              one.plannedBytes(),
              one.reloadedBytes(),
              one.segments(),
              one.millis(),
              one.millis() / free.millis(),
              child.difference()));
    }
    return rows;
  }

  private static Table table(List<Row> rows) {
    Table table =
        new Table(
            "model",
            "share %",
            "budget MB",
            "added MB",
            "process MB",
            "reloaded MB",
            "segments",
            "ms",
            "latency",
            "difference");
    for (Row row : rows) {
      table.row(
          row.model(),
          row.share(),
          row.budgetBytes() == 0 ? null : "%.1f".formatted(row.budgetBytes() / 1e6),
          "%.1f".formatted(row.addedBytes() / 1e6),
          "%.1f".formatted((row.baseBytes() + row.addedBytes()) / 1e6),
          "%.1f".formatted(row.reloadedBytes() / 1e6),
          row.segments(),
          "%.2f".formatted(row.millis()),
          "%.2f".formatted(row.latencyRatio()),
          "%.1e".formatted(row.difference()));
    }
    return table;
  }
}
