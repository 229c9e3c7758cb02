package dev.skein.worker;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Loaded segments within the device's memory. One that no deployment uses any more stays until its
 * memory is needed, oldest first, so that going back to an earlier plan costs nothing. Loading may
 * take long and holds up nobody who does not want that very segment.
 */
final class SegmentCache implements AutoCloseable {
  /** Stages just released may need a moment to let go of their segments. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  /** As long as its weights may take to arrive. */
  private static final Duration LOADING_PATIENCE = Duration.ofMinutes(11);

  private final long budget;
  private final Map<LoadedSegment.Key, Entry> entries = new LinkedHashMap<>();
  private boolean closed;

  private static final class Entry {
    final long bytes;
    int users = 1;

    /** Null while it is being loaded. */
    @Nullable LoadedSegment segment;

    Entry(long bytes) {
      this.bytes = bytes;
    }
  }

  SegmentCache(long budget) {
    this.budget = budget;
  }

  /** A segment already here, now with one more user; null if it has to be loaded. */
  synchronized @Nullable LoadedSegment reuse(LoadedSegment.Key key) {
    Entry entry = entries.get(key);
    if (entry == null || entry.segment == null) {
      return null;
    }
    entries.remove(key);
    entries.put(key, entry);
    entry.users++;
    return entry.segment;
  }

  /**
   * A segment already here, or loaded now into the room that the idle ones leave.
   *
   * @throws WorkerException if the segment does not fit beside those in use
   */
  LoadedSegment acquire(LoadedSegment.Key key, long bytes, Supplier<LoadedSegment> loader)
      throws InterruptedException {
    Entry entry;
    synchronized (this) {
      LoadedSegment known = awaitKnownOrRoom(key, bytes);
      if (known != null) {
        return known;
      }
      entry = new Entry(bytes);
      entries.put(key, entry);
    }
    LoadedSegment loaded = null;
    try {
      loaded = loader.get();
    } finally {
      settle(key, entry, loaded);
    }
    return Objects.requireNonNull(loaded);
  }

  private synchronized void settle(
      LoadedSegment.Key key, Entry entry, @Nullable LoadedSegment loaded) {
    if (closed && loaded != null) {
      loaded.close();
    }
    entry.segment = loaded;
    if (loaded == null) {
      entries.remove(key);
    }
    notifyAll();
  }

  /** Returns the segment, or null when there is room for it and nobody else is loading it. */
  private @Nullable LoadedSegment awaitKnownOrRoom(LoadedSegment.Key key, long bytes)
      throws InterruptedException {
    long begun = System.nanoTime();
    while (true) {
      LoadedSegment known = reuse(key);
      boolean loading = known == null && entries.containsKey(key);
      if (known != null || (!loading && makeRoom(bytes))) {
        return known;
      }
      Duration patience = loading ? LOADING_PATIENCE : bytes <= budget ? PATIENCE : Duration.ZERO;
      long millis = (begun + patience.toNanos() - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        throw loading ? new WorkerException("the segment is still being loaded") : full(bytes);
      }
      wait(millis);
    }
  }

  private WorkerException full(long bytes) {
    String unit = Math.min(bytes, budget) < 1_000_000 ? "kB" : "MB";
    double scale = unit.equals("kB") ? 1e3 : 1e6;
    return new WorkerException(
        "the segment needs %.1f %s and %.1f of %.1f %s are free here"
            .formatted(bytes / scale, unit, free() / scale, budget / scale, unit));
  }

  /** Unloads idle segments, oldest first, until there is room or none is left. */
  private boolean makeRoom(long bytes) {
    Iterator<Entry> oldest = entries.values().iterator();
    while (used() > budget - bytes && oldest.hasNext()) {
      Entry entry = oldest.next();
      if (entry.users == 0) {
        oldest.remove();
        Objects.requireNonNull(entry.segment).close();
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
    long inUse = entries.values().stream().filter(e -> e.users > 0).mapToLong(e -> e.bytes).sum();
    return Math.max(0, budget - inUse);
  }

  private long used() {
    return entries.values().stream().mapToLong(e -> e.bytes).sum();
  }

  @Override
  public synchronized void close() {
    closed = true;
    for (Entry entry : entries.values()) {
      if (entry.segment != null) {
        entry.segment.close();
      }
    }
    entries.clear();
  }
}
