package dev.skein.lab.experiment;

import dev.skein.cli.Experiment;
import dev.skein.demo.Emulated;
import dev.skein.demo.Fleet;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What a node without a model costs its device: share of a core, resident memory. */
public final class Idle implements Experiment {
  private static final double GREATEST_CPU_PERCENT = 1;
  private static final double GREATEST_MEGABYTES = 150;

  @Override
  public String name() {
    return "idle";
  }

  @Override
  public String shows() {
    return "share of a core and resident memory of a node without a model, in a swarm of three";
  }

  @Override
  public Result run(boolean quick, PrintStream out) throws Exception {
    Duration span = Duration.ofSeconds(quick ? 20 : 60);
    List<Emulated> devices =
        List.of(
            new Emulated("one", 1, "512m", "1gbit"),
            new Emulated("two", 1, "512m", "1gbit"),
            new Emulated("three", 1, "512m", "1gbit"));
    try (Fleet fleet = Fleet.start("idle-" + ProcessHandle.current().pid(), devices)) {
      // The start itself, the first measuring of links and the JIT's work are not idleness.
      Thread.sleep(Duration.ofSeconds(10));
      ProcessHandle node = fleet.handle("two");
      double before = cpuMillis(node);
      Thread.sleep(span);
      double percent = 100 * (cpuMillis(node) - before) / span.toMillis();
      double megabytes = residentBytes(node) / 1e6;
      out.printf(
          "%.2f %% of a core, %.0f MB resident over %d s%n", percent, megabytes, span.toSeconds());
      return new Result(
          List.of(Map.of("cpu_percent", percent, "resident_mb", megabytes)),
          List.of(
              new Claim(
                  "percent of a core",
                  GREATEST_CPU_PERCENT,
                  percent,
                  percent < GREATEST_CPU_PERCENT),
              new Claim(
                  "resident megabytes",
                  GREATEST_MEGABYTES,
                  megabytes,
                  megabytes < GREATEST_MEGABYTES)));
    }
  }

  private static double cpuMillis(ProcessHandle process) {
    return process.info().totalCpuDuration().orElseThrow().toMillis();
  }

  private static double residentBytes(ProcessHandle process) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return 1024.0 * Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("no resident size for process " + process.pid());
  }
}
