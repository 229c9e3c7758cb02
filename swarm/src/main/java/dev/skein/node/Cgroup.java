package dev.skein.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Puts this process under kernel limits of its own, on cgroup v1 or v2, where we may write there.
 */
public final class Cgroup {
  private static final Path ROOT = Path.of("/sys/fs/cgroup");

  /** Short, else latencies come in lumps of the kernel's usual 100 ms. */
  private static final long PERIOD_MICROS = 10_000;

  private static final String PREFIX = "skein-";

  private Cgroup() {}

  /**
   * @param share of one core, above 0
   * @throws IllegalStateException one line, if this machine does not let us
   */
  public static void limitCpu(double share) {
    long quota = Math.max(1_000, Math.round(share * PERIOD_MICROS));
    try {
      if (isV2()) {
        Path group = group(ROOT);
        write(group.resolve("cpu.max"), quota + " " + PERIOD_MICROS);
        enter(group);
      } else {
        Path group = group(ROOT.resolve("cpu"));
        write(group.resolve("cpu.cfs_period_us"), Long.toString(PERIOD_MICROS));
        write(group.resolve("cpu.cfs_quota_us"), Long.toString(quota));
        enter(group);
      }
    } catch (IOException e) {
      throw new IllegalStateException(
          "cannot set a CPU quota (" + e.getMessage() + "); --slowdown needs no kernel support", e);
    }
  }

  /** Whether the kernel took the limit; where it does not, only Skein's own accounting holds it. */
  public static boolean limitMemory(long bytes) {
    try {
      Path group = group(isV2() ? ROOT : ROOT.resolve("memory"));
      write(group.resolve(isV2() ? "memory.max" : "memory.limit_in_bytes"), Long.toString(bytes));
      enter(group);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isV2() {
    return Files.exists(ROOT.resolve("cgroup.controllers"));
  }

  private static Path group(Path parent) throws IOException {
    sweep(parent);
    Path group = parent.resolve(PREFIX + ProcessHandle.current().pid());
    Files.createDirectories(group);
    return group;
  }

  private static void enter(Path group) throws IOException {
    write(group.resolve("cgroup.procs"), Long.toString(ProcessHandle.current().pid()));
  }

  private static void write(Path file, String value) throws IOException {
    Files.writeString(file, value);
  }

  /** A process cannot remove the group it is in, so each start removes those of the dead. */
  private static void sweep(Path parent) throws IOException {
    try (Stream<Path> groups = Files.list(parent)) {
      for (Path group : groups.filter(Cgroup::isOfDeadProcess).toList()) {
        try {
          Files.delete(group);
        } catch (IOException e) {
          // Still in use, or another start was faster.
        }
      }
    }
  }

  private static boolean isOfDeadProcess(Path group) {
    String name = group.getFileName().toString();
    if (!name.startsWith(PREFIX)) {
      return false;
    }
    try {
      long pid = Long.parseLong(name.substring(PREFIX.length()));
      return ProcessHandle.of(pid).isEmpty();
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
