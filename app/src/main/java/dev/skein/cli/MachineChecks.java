package dev.skein.cli;

import com.sun.management.OperatingSystemMXBean;
import dev.skein.engine.Calibration;
import dev.skein.engine.EngineException;
import dev.skein.input.CacheFolder;
import dev.skein.input.Catalogue;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The doctor's checks of the machine itself: nothing here talks to the network. */
final class MachineChecks {
  private static final int LEAST_JDK = 25;
  private static final long MEGA = 1_000_000;
  private static final long LEAST_MEMORY = 200 * MEGA;
  private static final long GOOD_MEMORY = 500 * MEGA;
  private static final long LEAST_DISK = 100 * MEGA;
  private static final long GOOD_DISK = 1000 * MEGA;
  private static final double SLOW_REFERENCE_MILLIS = 200;

  /** Skein is younger than this: an earlier date means a clock that was never set. */
  private static final Instant EPOCH = Instant.parse("2025-06-01T00:00:00Z");

  private static final double COARSE_SLEEP_MILLIS = 5;

  private MachineChecks() {}

  static Check jdk() {
    int version = Runtime.version().feature();
    String found =
        "%s on %s %s"
            .formatted(
                Runtime.version(), System.getProperty("os.name"), System.getProperty("os.arch"));
    return version >= LEAST_JDK
        ? Check.ok("jdk", found)
        : Check.fail("jdk", found, "install JDK " + LEAST_JDK + " or later and set JAVA_HOME");
  }

  /** Loads ONNX Runtime's native code and runs a model on it. */
  static Check nativeLibraries() {
    try {
      double millis = Calibration.referenceMillis();
      String found =
          String.format(Locale.ROOT, "ONNX Runtime runs; reference model %.1f ms", millis);
      return millis < SLOW_REFERENCE_MILLIS
          ? Check.ok("native", found)
          : Check.warn("native", found, "a slow or busy machine: stop what else runs on it");
    } catch (EngineException e) {
      return Check.fail(
          "native",
          String.valueOf(e.getMessage()),
          "needs 64-bit Linux with glibc (x86_64 or aarch64) and a temporary folder that allows"
              + " executable code: set -Djava.io.tmpdir");
    }
  }

  static Check cores() {
    int cores = Runtime.getRuntime().availableProcessors();
    return Check.ok("cores", cores + (cores == 1 ? " core" : " cores") + " for this process");
  }

  static Check memory() {
    long free = availableMemory();
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    String found = "%d MB free of %d MB".formatted(free / MEGA, system.getTotalMemorySize() / MEGA);
    if (free >= GOOD_MEMORY) {
      return Check.ok("memory", found);
    }
    String remedy = "stop other programs; a node takes about 150 MB and its part of the model";
    return free >= LEAST_MEMORY
        ? Check.warn("memory", found, remedy)
        : Check.fail("memory", found, remedy);
  }

  /** Linux counts caches as used; what can be had is in {@code MemAvailable}. */
  private static long availableMemory() {
    long free =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getFreeMemorySize();
    try {
      Matcher matcher =
          Pattern.compile("MemAvailable:\\s+(\\d{1,15}) kB")
              .matcher(Files.readString(Path.of("/proc/meminfo")));
      return matcher.find() ? Math.max(free, Long.parseLong(matcher.group(1)) * 1024) : free;
    } catch (IOException e) {
      return free;
    }
  }

  /** Whether the cache folder can be written, and how much fits. */
  static Check disk(Path cache) {
    try {
      Files.createDirectories(cache);
      Files.delete(Files.createTempFile(cache, ".doctor-", null));
      long free = Files.getFileStore(cache).getUsableSpace();
      String found = "%d MB free at %s".formatted(free / MEGA, cache);
      if (free >= GOOD_DISK) {
        return Check.ok("disk", found);
      }
      String remedy = "free some space, or set XDG_CACHE_HOME to a folder on another disk";
      return free >= LEAST_DISK
          ? Check.warn("disk", found, remedy)
          : Check.fail("disk", found, remedy);
    } catch (IOException e) {
      return Check.fail(
          "disk",
          "cannot write " + cache + " (" + e.getMessage() + ")",
          "make it writable, or set XDG_CACHE_HOME to a folder that is");
    }
  }

  static Check clock(Instant now) {
    double overshoot = sleepOvershootMillis();
    String found = String.format(Locale.ROOT, "%s; a sleep of 1 ms lasts %.1f", now, 1 + overshoot);
    if (now.isBefore(EPOCH)) {
      return Check.warn("clock", found, "set the date (timedatectl): logs and caches go by it");
    }
    return overshoot < COARSE_SLEEP_MILLIS
        ? Check.ok("clock", found)
        : Check.warn("clock", found, "timings on this busy or coarse machine will be rough");
  }

  private static double sleepOvershootMillis() {
    long best = Long.MAX_VALUE;
    try {
      for (int i = 0; i < 5; i++) {
        long before = System.nanoTime();
        Thread.sleep(Duration.ofMillis(1));
        best = Math.min(best, System.nanoTime() - before - MEGA);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Math.max(0, best) / 1e6;
  }

  /** Which control groups there are, and whether this user may make one: what --cpu needs. */
  static Check cgroups(Path root) {
    boolean unified = Files.exists(root.resolve("cgroup.controllers"));
    List<Path> folders =
        unified ? List.of(root) : List.of(root.resolve("cpu"), root.resolve("memory"));
    String version = unified ? "v2" : "v1";
    if (!unified && !Files.isDirectory(folders.getFirst())) {
      return Check.warn("cgroups", "none at " + root, "emulate with --slowdown, not --cpu");
    }
    List<String> closed = new ArrayList<>();
    for (Path folder : folders) {
      String why = whyNoGroup(folder);
      if (why != null) {
        closed.add(folder + ": " + why);
      }
    }
    return closed.isEmpty()
        ? Check.ok("cgroups", version + ", writable")
        : Check.warn(
            "cgroups",
            version + ", not writable: " + String.join(", ", closed),
            "emulate with --slowdown, which works for any user; --cpu and --memory need root");
  }

  private static @Nullable String whyNoGroup(Path folder) {
    Path group = folder.resolve("skein-doctor-" + ProcessHandle.current().pid());
    try {
      Files.createDirectory(group);
      Files.delete(group);
      return null;
    } catch (IOException e) {
      return e.getClass().getSimpleName();
    }
  }

  static Check data(@Nullable String given) {
    Catalogue catalogue = Catalogue.shared();
    long here =
        catalogue.entries().stream()
            .filter(entry -> entry.files().stream().allMatch(i -> catalogue.locate(i).isPresent()))
            .count();
    String found = "%d of %d known are here".formatted(here, catalogue.entries().size());
    if (given == null || given.isBlank()) {
      return Check.ok("data", "SKEIN_DATA is not set; " + found);
    }
    return Files.isDirectory(Path.of(given))
        ? Check.ok("data", "SKEIN_DATA is " + given + "; " + found)
        : Check.fail(
            "data",
            "SKEIN_DATA is " + given + ", which is no folder",
            "set it to a folder with models/ and data/, or unset it");
  }

  /** Everything here, in the order in which a person reads it. */
  static List<Check> all() {
    return List.of(
        jdk(),
        nativeLibraries(),
        cores(),
        memory(),
        disk(CacheFolder.path()),
        clock(Instant.now()),
        cgroups(Path.of("/sys/fs/cgroup")),
        data(System.getenv("SKEIN_DATA")));
  }
}
