package dev.skein.lab.benchmark;

import ai.onnxruntime.OrtException;
import dev.skein.cli.Experiment;
import dev.skein.cli.Table;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * How much longer an inference takes with Skein than with ONNX Runtime alone. The two take turns,
 * each beginning every second round, so that whatever else the machine does hits both alike; what
 * counts is the thread's own CPU time (both run on the calling thread alone).
 */
public final class Overhead implements Experiment {
  private static final List<String> MODELS =
      List.of("mobilenetv2_1.0_224.onnx", "tiny_kws_dscnn.onnx");
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final double GOAL = 1.02;
  private static final int MOST_ROUNDS = 200_000;

  @Override
  public String name() {
    return "overhead";
  }

  @Override
  public String shows() {
    return "time of an inference with Skein over that with ONNX Runtime alone";
  }

  @Override
  public Result run(boolean quick, PrintStream out) throws OrtException {
    Table table = new Table("model", "rounds", "bare ms", "Skein ms", "ratio");
    List<Map<String, Object>> rows = new ArrayList<>();
    List<Claim> claims = new ArrayList<>();
    for (String model : MODELS) {
      Row row = measure(models().resolve(model), Duration.ofSeconds(quick ? 4 : 20));
      table.row(
          row.model(),
          row.rounds(),
          "%.4f".formatted(row.bareMs()),
          "%.4f".formatted(row.skeinMs()),
          "%.4f".formatted(row.ratio()));
      rows.add(
          Map.of(
              "model", row.model(),
              "rounds", row.rounds(),
              "bare_ms", row.bareMs(),
              "skein_ms", row.skeinMs(),
              "ratio", row.ratio()));
      claims.add(new Claim("ratio on " + row.model(), GOAL, row.ratio(), row.ratio() <= GOAL));
    }
    out.print(table);
    return new Result(rows, claims);
  }

  /**
   * @param bareMs CPU time of one inference with ONNX Runtime alone: the lower quartile, since
   *     disturbances only ever add
   * @param skeinMs the same with Skein
   * @param ratio {@code skeinMs / bareMs}
   */
  public record Row(String model, int rounds, double bareMs, double skeinMs, double ratio) {}

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
}
