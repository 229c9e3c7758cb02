package dev.skein.lab.experiment;

import dev.skein.architecture.Architectures;
import dev.skein.cli.Experiment;
import dev.skein.cli.Table;
import dev.skein.onnx.OnnxWriter;
import dev.skein.tensor.Difference;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Models in 75, 50 and 25 % of the memory that they take when left alone (CrowdHMTware, Table II),
 * each in a process of its own. What counts is the resident memory that the model adds to its
 * process: files mapped and touched, and everything else.
 */
public final class MemoryBudgets implements Experiment {
  private static final List<String> MODELS = List.of("resnet18", "mobilenetv2", "vgg16");
  private static final int[] PERCENT = {75, 50, 25};
  private static final int SIZE = 224;
  private static final int CLASSES = 1000;
  private static final int SEED = 7;
  private static final Duration DEADLINE = Duration.ofMinutes(5);
  private static final double MEGA = 1e6;

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public String shows() {
    return "models in 75, 50 and 25 % of their memory: resident memory kept, results equal, price";
  }

  @Override
  public Result run(boolean quick, PrintStream out) throws Exception {
    out.println(
        """
        The paper's budgets are of all memory on a Raspberry Pi, framework included, and it meets
        them with smaller models; here they are of what the model adds to its process, which runs
        the same model with the same results. Opening is not within the budget.\
        """);
    Table table =
        new Table(
            "model",
            "budget",
            "MB",
            "planned",
            "peak",
            "of budget",
            "base",
            "opening",
            "segments",
            "reread MB",
            "ms",
            "of free ms",
            "difference");
    List<Map<String, Object>> rows = new ArrayList<>();
    List<Claim> claims = new ArrayList<>();
    Path folder = Files.createTempDirectory("skein-memory");
    try {
      for (String model : quick ? MODELS.subList(0, 2) : MODELS) {
        Path file = folder.resolve(model + ".onnx");
        OnnxWriter.write(Architectures.model(model, SIZE, CLASSES, SEED), file);
        Map<String, Double> free = child(folder, List.of(file.toString(), "free"));
        double bytes = value(free, "peak");
        row(table, rows, model, "none", free);
        out.printf(
            "%s takes %.1f MB when left alone; it can run in %.1f MB (%.0f %%)%n",
            model, bytes / MEGA, value(free, "least") / MEGA, 100 * value(free, "least") / bytes);
        for (int percent : PERCENT) {
          long budget = (long) (bytes * percent / 100);
          String seconds = quick ? "3" : "15";
          Map<String, Double> figures =
              child(folder, List.of(file.toString(), Long.toString(budget), seconds));
          figures.put("budget", (double) budget);
          row(table, rows, model, percent + " %", figures);
          String what = "%s in %d %% of its memory: ".formatted(model, percent);
          double share = value(figures, "peak") / budget;
          claims.add(new Claim(what + "peak over budget", 1, share, share <= 1));
          double difference = value(figures, "difference");
          claims.add(
              new Claim(
                  what + "difference of results",
                  Difference.TOLERANCE,
                  difference,
                  difference <= Difference.TOLERANCE));
        }
        Files.delete(file);
      }
    } finally {
      delete(folder);
    }
    out.print(table);
    return new Result(rows, claims);
  }

  private static void row(
      Table table,
      List<Map<String, Object>> rows,
      String model,
      String budget,
      Map<String, Double> figures) {
    boolean free = !figures.containsKey("budget");
    table.row(
        model,
        budget,
        free ? "" : mega(figures, "budget"),
        free ? "" : mega(figures, "planned"),
        mega(figures, "peak"),
        free ? "" : "%.3f".formatted(value(figures, "peak") / value(figures, "budget")),
        mega(figures, "base"),
        mega(figures, "opening"),
        free ? "" : "%.0f".formatted(value(figures, "segments")),
        free ? "" : mega(figures, "reloaded"),
        free ? "" : "%.2f".formatted(value(figures, "millis")),
        free ? "" : "%.3f".formatted(value(figures, "millis") / value(figures, "free_millis")),
        free ? "" : "%.1e".formatted(value(figures, "difference")));
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("model", model);
    row.put("budget_percent", budget);
    row.putAll(figures);
    rows.add(row);
  }

  private static String mega(Map<String, Double> figures, String name) {
    return "%.1f".formatted(value(figures, name) / MEGA);
  }

  private static double value(Map<String, Double> figures, String name) {
    Double value = figures.get(name);
    if (value == null) {
      throw new IllegalStateException("the measuring process did not tell '" + name + "'");
    }
    return value;
  }

  /** Runs {@link BudgetedRun}; a small heap that is all there from the start adds no noise. */
  private static Map<String, Double> child(Path folder, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xms64m",
            "-Xmx64m",
            "-XX:+AlwaysPreTouch",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            BudgetedRun.class.getName()));
    command.addAll(arguments);
    Path output = folder.resolve("output");
    Path errors = folder.resolve("errors");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(output.toFile()).redirectError(errors.toFile());
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    // The C library keeps much of what is freed, at its own discretion; not so here.
    builder.environment().put("MALLOC_ARENA_MAX", "1");
    builder.environment().put("MALLOC_MMAP_THRESHOLD_", "65536");
    builder.environment().put("MALLOC_TRIM_THRESHOLD_", "65536");
    Process process = builder.start();
    try {
      if (!process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException(
            "measuring %s took more than %d s".formatted(arguments, DEADLINE.toSeconds()));
      }
    } finally {
      process.destroyForcibly();
    }
    if (process.exitValue() != 0) {
      throw new IllegalStateException(
          "measuring %s failed: %s"
              .formatted(
                  arguments, Files.readString(errors).lines().findFirst().orElse("no word of it")));
    }
    Map<String, Double> figures = new HashMap<>();
    for (String line : Files.readAllLines(output)) {
      String[] words = line.split(" ", 2);
      figures.put(words[0], Double.parseDouble(words[1]));
    }
    return figures;
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
