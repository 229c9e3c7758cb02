package dev.skein.lab.benchmark;

import ai.onnxruntime.OrtException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;

/**
 * How much longer an inference takes with Skein than with ONNX Runtime alone. The two take turns,
 * each beginning every second round, so that whatever else the machine does hits both alike; what
 * counts is the thread's own CPU time (both run on the calling thread alone).
 */
public final class Overhead {
  private static final List<String> MODELS =
      List.of("mobilenetv2_1.0_224.onnx", "tiny_kws_dscnn.onnx");
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final double GOAL = 1.02;
  private static final int MOST_ROUNDS = 200_000;

  private Overhead() {}

  /**
   * @param bareMs CPU time of one inference with ONNX Runtime alone: the lower quartile, since
   *     disturbances only ever add
   * @param skeinMs the same with Skein
   * @param ratio {@code skeinMs / bareMs}
   */
  public record Row(String model, int rounds, double bareMs, double skeinMs, double ratio) {}

  private record Claim(String name, double paper, double measured, boolean holds) {}

  private record Report(String experiment, boolean quick, List<Row> rows, List<Claim> claims) {}

  /** Takes turns for about the given time, after a quarter of it as warm-up. */
  public static Row measure(Path file, Duration time) throws OrtException {
    try (Contest contest = Contest.open(file)) {
      warmUp(contest, time.dividedBy(4));
      double[] bare = new double[MOST_ROUNDS];
      double[] skein = new double[MOST_ROUNDS];
      int rounds = 0;
      long end = System.nanoTime() + time.toNanos();
      while (rounds < MOST_ROUNDS && System.nanoTime() < end) {
        if (rounds % 2 == 0) {
          bare[rounds] = bare(contest);
          skein[rounds] = skein(contest);
        } else {
          skein[rounds] = skein(contest);
          bare[rounds] = bare(contest);
        }
        rounds++;
      }
      double bareMs = lowerQuartile(Arrays.copyOf(bare, rounds));
      double skeinMs = lowerQuartile(Arrays.copyOf(skein, rounds));
      return new Row(String.valueOf(file.getFileName()), rounds, bareMs, skeinMs, skeinMs / bareMs);
    }
  }

  private static void warmUp(Contest contest, Duration time) throws OrtException {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      if (!Arrays.equals(contest.bare(), contest.skein())) {
        throw new IllegalStateException("Skein and ONNX Runtime give different results");
      }
    }
  }

  private static double bare(Contest contest) throws OrtException {
    long start = THREADS.getCurrentThreadCpuTime();
    contest.bare();
    return (THREADS.getCurrentThreadCpuTime() - start) / 1e6;
  }

  private static double skein(Contest contest) {
    long start = THREADS.getCurrentThreadCpuTime();
    contest.skein();
    return (THREADS.getCurrentThreadCpuTime() - start) / 1e6;
  }

  private static double lowerQuartile(double[] values) {
    Arrays.sort(values);
    return values[values.length / 4];
  }

  /** The folder of the models: {@code $SKEIN_DATA/models}, or shared/models beside the project. */
  static Path models() {
    String given = System.getenv("SKEIN_DATA");
    if (given != null) {
      return Path.of(given, "models");
    }
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path folder = at.resolve("shared/models");
      if (Files.isDirectory(folder)) {
        return folder;
      }
    }
    throw new IllegalStateException("no models found; set SKEIN_DATA to a folder with models/");
  }

  /**
   * @param args {@code --json} for one line of JSON in place of the table, {@code --quick} for four
   *     seconds a model in place of twenty
   */
  public static void main(String[] args) throws OrtException {
    boolean json = List.of(args).contains("--json");
    boolean quick = List.of(args).contains("--quick");
    List<Row> rows = new ArrayList<>();
    for (String model : MODELS) {
      rows.add(measure(models().resolve(model), Duration.ofSeconds(quick ? 4 : 20)));
    }
    System.out.println(json ? json(rows, quick) : table(rows));
  }

  private static String table(List<Row> rows) {
    StringBuilder table =
        new StringBuilder(
            "%-26s %8s %12s %12s %7s%n"
                .formatted("model", "rounds", "bare ms", "Skein ms", "ratio"));
    for (Row row : rows) {
      table.append(
          String.format(
              Locale.ROOT,
              "%-26s %8d %12.4f %12.4f %7.4f%n",
              row.model(),
              row.rounds(),
              row.bareMs(),
              row.skeinMs(),
              row.ratio()));
    }
    return table.toString().stripTrailing();
  }

  private static String json(List<Row> rows, boolean quick) {
    double measured = rows.getFirst().ratio();
    Claim claim =
        new Claim(
            "time with Skein over time without, MobileNetV2", GOAL, measured, measured <= GOAL);
    return JsonMapper.shared()
        .writeValueAsString(new Report("overhead", quick, rows, List.of(claim)));
  }
}
