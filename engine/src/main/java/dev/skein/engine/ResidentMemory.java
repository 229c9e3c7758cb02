package dev.skein.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The physical memory that a process has at this moment, as Linux counts it. Pages of a file that
 * the system merely keeps cached belong to no process.
 *
 * @param anonymous bytes of heaps and stacks, which only swapping could take away
 * @param file bytes of memory-mapped files, program code among them
 * @param peak greatest sum so far, or since {@link #resetPeak}
 */
public record ResidentMemory(long anonymous, long file, long peak) {
  private static final Path SELF = Path.of("/proc/self");
  // Linux: writing this resets the mark that VmHWM shows.
  private static final String RESET_PEAK = "5";

  /** Both kinds together, in bytes. */
  public long total() {
    return anonymous + file;
  }

  /**
   * This process's.
   *
   * @throws EngineException where the system does not tell
   */
  public static ResidentMemory now() {
    return read(SELF.resolve("status"));
  }

  /**
   * Another process's.
   *
   * @throws EngineException if there is no such process, or the system does not tell
   */
  public static ResidentMemory of(long pid) {
    return read(Path.of("/proc", Long.toString(pid), "status"));
  }

  /** Lets this process's peak start anew; false where the system cannot do that. */
  public static boolean resetPeak() {
    try {
      Files.writeString(SELF.resolve("clear_refs"), RESET_PEAK);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static ResidentMemory read(Path status) {
    try {
      List<String> lines = Files.readAllLines(status);
      return new ResidentMemory(
          bytes(lines, "RssAnon:"),
          bytes(lines, "RssFile:") + bytes(lines, "RssShmem:"),
          bytes(lines, "VmHWM:"));
    } catch (IOException e) {
      throw new EngineException(
          "resident memory cannot be read from " + status + " (" + e.getMessage() + ")", e);
    }
  }

  private static long bytes(List<String> lines, String key) {
    return lines.stream()
        .filter(line -> line.startsWith(key))
        .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }
}
