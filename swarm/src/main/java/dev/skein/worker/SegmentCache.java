package dev.skein.worker;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Loaded segments within the device's memory. One that no deployment uses any more stays until its
 * memory is needed, oldest first, so that going back to an earlier plan costs nothing.
 */
final class SegmentCache implements AutoCloseable {
  /** Stages just released may need a moment to let go of their segments. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final long budget;
  private final Map<LoadedSegment.Key, Entry> entries = new LinkedHashMap<>();

  private static final class Entry {
    final LoadedSegment segment;
    int users;

    Entry(LoadedSegment segment) {
      this.segment = segment;
    }
  }

  SegmentCache(long budget) {
    this.budget = budget;
  }

  /** A segment already here, now with one more user; null if it has to be loaded. */
  synchronized @Nullable LoadedSegment reuse(LoadedSegment.Key key) {
    Entry entry = entries.remove(key);
    if (entry == null) {
      return null;
    }
    entries.put(key, entry);
    entry.users++;
    return entry.segment;
  }

  /**
   * A segment already here, or loaded now into the room that the idle ones leave.
   *
   * @throws WorkerException if the segment does not fit beside those in use
   */
  synchronized LoadedSegment acquire(
      LoadedSegment.Key key, long bytes, Supplier<LoadedSegment> loader)
      throws InterruptedException {
    LoadedSegment known = reuse(key);
    if (known != null) {
      return known;
    }
    awaitRoom(bytes);
    Entry entry = new Entry(loader.get());
    entry.users = 1;
    entries.put(key, entry);
    return entry.segment;
  }

  private void awaitRoom(long bytes) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!makeRoom(bytes)) {
      long millis = (end - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        throw new WorkerException(
            "the segment needs %.1f MB and %.1f of %.1f MB are free here"
                .formatted(bytes / 1e6, free() / 1e6, budget / 1e6));
      }
      wait(millis);
    }
  }

  /** Unloads idle segments, oldest first, until there is room or none is left. */
  private boolean makeRoom(long bytes) {
    Iterator<Entry> oldest = entries.values().iterator();
    while (used() > budget - bytes && oldest.hasNext()) {
      Entry entry = oldest.next();
      if (entry.users == 0) {
        oldest.remove();
        entry.segment.close();
      }
    }
    return used() <= budget - bytes;
  }

  synchronized void leave(LoadedSegment segment) {
    Entry entry = entries.get(segment.key());
    if (entry != null) {
      entry.users--;
      notifyAll();
    }
  }

  /** Memory that could be had now, unloading what nobody uses. */
  synchronized long free() {
    long inUse =
        entries.values().stream().filter(e -> e.users > 0).mapToLong(e -> e.segment.bytes()).sum();
    return Math.max(0, budget - inUse);
  }

  private long used() {
    return entries.values().stream().mapToLong(e -> e.segment.bytes()).sum();
  }

  @Override
  public synchronized void close() {
    entries.values().forEach(entry -> entry.segment.close());
    entries.clear();
  }
}
