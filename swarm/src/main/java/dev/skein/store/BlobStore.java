package dev.skein.store;

import dev.skein.wire.BlobRef;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Content-addressed bytes on disk, for one process at a time. Content is visible once it is
 * complete and verified. Beyond the budget the least recently used goes, pinned content never.
 * Thread-safe.
 */
public final class BlobStore implements AutoCloseable {
  private static final Duration MARK_EVERY = Duration.ofMinutes(1);

  private final BlobFiles files;
  private final long budget;
  private final FileChannel lockFile;

  /** Bytes of complete blobs, least recently used first. */
  private final LinkedHashMap<String, Long> complete = new LinkedHashMap<>(16, 0.75f, true);

  /** Bytes of unfinished blobs that nobody writes at the moment. */
  private final Map<String, Long> abandoned = new LinkedHashMap<>();

  /** Bytes that blobs being written will have. */
  private final Map<String, Long> writing = new HashMap<>();

  private final Map<String, Integer> pins = new HashMap<>();
  private final Map<String, Instant> marked = new HashMap<>();

  private BlobStore(BlobFiles files, long budget, FileChannel lockFile) {
    this.files = files;
    this.budget = budget;
    this.lockFile = lockFile;
  }

  /**
   * Opens the directory, and makes it if it is not there.
   *
   * @throws StoreException if another process has it open or it cannot be used
   */
  public static BlobStore open(Path directory, long budgetBytes) {
    FileChannel lockFile = null;
    try {
      Files.createDirectories(directory);
      lockFile =
          FileChannel.open(
              directory.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      requireLock(directory, lockFile);
      BlobStore store = new BlobStore(new BlobFiles(directory), budgetBytes, lockFile);
      store.load();
      return store;
    } catch (IOException | StoreException e) {
      closeQuietly(lockFile);
      throw e instanceof StoreException known ? known : unusable(directory, (IOException) e);
    }
  }

  private static void requireLock(Path directory, FileChannel lockFile) throws IOException {
    FileLock lock = null;
    try {
      lock = lockFile.tryLock();
    } catch (OverlappingFileLockException e) {
      // Held within this process: the same as held by another.
    }
    if (lock == null) {
      throw new StoreException(
          directory + " is in use by another node; give this one a directory of its own");
    }
  }

  private synchronized void load() throws IOException {
    files.scan().stream()
        .sorted(Comparator.comparing(BlobFiles.Entry::used))
        .forEach(
            entry -> (entry.partial() ? abandoned : complete).put(entry.sha256(), entry.bytes()));
    evictDownTo(budget);
  }

  /** The whole content, memory-mapped, or null; it counts as used now. */
  public synchronized @Nullable MemorySegment find(String sha256) {
    if (complete.get(BlobRef.requireAddress(sha256)) == null) {
      return null;
    }
    try {
      MemorySegment content = files.map(sha256);
      mark(sha256);
      return content;
    } catch (IOException e) {
      // Somebody deleted the file: then it is not there, and can be fetched again.
      complete.remove(sha256);
      return null;
    }
  }

  private void mark(String sha256) throws IOException {
    Instant now = Instant.now();
    Instant last = marked.get(sha256);
    if (last == null || last.plus(MARK_EVERY).isBefore(now)) {
      files.markUsed(sha256, now);
      marked.put(sha256, now);
    }
  }

  /** Keeps this content, whether it is there already or comes later, until it is unpinned. */
  public synchronized void pin(String sha256) {
    pins.merge(BlobRef.requireAddress(sha256), 1, Integer::sum);
  }

  /** Takes back one {@link #pin}. */
  public synchronized void unpin(String sha256) {
    pins.computeIfPresent(sha256, (address, count) -> count == 1 ? null : count - 1);
  }

  /** Bytes on disk, and those that blobs being written will have. */
  public synchronized long usedBytes() {
    return sum(complete) + sum(abandoned) + sum(writing);
  }

  /** Puts content in, and returns its address. */
  public BlobRef put(MemorySegment content) {
    BlobRef ref = new BlobRef(Digests.sha256(content), content.byteSize());
    try (BlobWriter writer = writer(ref, Duration.ofMinutes(1))) {
      if (find(ref.sha256()) == null) {
        writer.append(content.asSlice(writer.offset()));
        MemorySegment _ = writer.finish();
      }
    }
    return ref;
  }

  /**
   * The one writer of this blob, at the end of what an earlier one has left behind. Waits while
   * another thread writes it; whoever waited should look first whether the blob is there now.
   *
   * @throws StoreException if there is no room, or the wait is too long
   */
  public BlobWriter writer(BlobRef ref, Duration patience) {
    synchronized (this) {
      awaitTurn(ref, patience);
      if (complete.containsKey(ref.sha256())) {
        writing.put(ref.sha256(), 0L);
      } else {
        reserve(ref);
      }
    }
    try {
      return new BlobWriter(this, files, ref);
    } catch (IOException e) {
      finished(ref, 0, false);
      throw failed(ref, e);
    }
  }

  private void awaitTurn(BlobRef ref, Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    while (writing.containsKey(ref.sha256())) {
      long millis = (end - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        throw new StoreException(
            "blob %s is still being written after %d ms".formatted(ref, patience.toMillis()));
      }
      try {
        wait(millis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new StoreException("interrupted while waiting for blob " + ref, e);
      }
    }
  }

  private void reserve(BlobRef ref) {
    Long started = abandoned.remove(ref.sha256());
    try {
      makeRoom(ref, ref.bytes() - (started == null ? 0 : started));
      writing.put(ref.sha256(), ref.bytes());
    } catch (StoreException e) {
      if (started != null) {
        abandoned.put(ref.sha256(), started);
      }
      throw e;
    }
  }

  private void makeRoom(BlobRef ref, long missing) {
    if (ref.bytes() <= budget) {
      evictDownTo(budget - ref.bytes());
    }
    if (usedBytes() > budget - ref.bytes()) {
      throw new StoreException(
          "blob %s does not fit into %s: the budget is %d bytes, %d of them in use"
              .formatted(ref, files.directory, budget, usedBytes()));
    }
    long free = free();
    if (missing > free) {
      evictDownTo(usedBytes() - (missing - free));
      free = free();
    }
    if (missing > free) {
      throw full(ref, missing, free);
    }
  }

  private void evictDownTo(long bytes) {
    Iterator<String> parts = abandoned.keySet().iterator();
    while (usedBytes() > bytes && parts.hasNext()) {
      String sha256 = parts.next();
      if (delete(files.partial(sha256))) {
        parts.remove();
      }
    }
    Iterator<String> oldest = complete.keySet().iterator();
    while (usedBytes() > bytes && oldest.hasNext()) {
      String sha256 = oldest.next();
      if (!pins.containsKey(sha256) && delete(files.complete(sha256))) {
        oldest.remove();
        marked.remove(sha256);
      }
    }
  }

  private static boolean delete(Path file) {
    try {
      Files.deleteIfExists(file);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** A writer is done: the blob is complete, or {@code bytes} of it wait for the next writer. */
  synchronized void finished(BlobRef ref, long bytes, boolean whole) {
    writing.remove(ref.sha256());
    if (whole) {
      complete.put(ref.sha256(), bytes);
    } else if (bytes > 0) {
      abandoned.put(ref.sha256(), bytes);
    }
    notifyAll();
  }

  StoreException failed(BlobRef ref, IOException failure) {
    long free = free();
    return free < ref.bytes() && free < (1 << 20)
        ? full(ref, ref.bytes(), free)
        : unusable(files.directory, failure);
  }

  private long free() {
    return files.directory.toFile().getUsableSpace();
  }

  private StoreException full(BlobRef ref, long needed, long free) {
    return new StoreException(
        "disk full: blob %s needs %d more bytes, but %s has %d free; make room or choose another --home"
            .formatted(ref, needed, files.directory, free));
  }

  private static StoreException unusable(Path directory, IOException failure) {
    return new StoreException(
        "%s cannot be used as a store (%s)".formatted(directory, failure), failure);
  }

  private static long sum(Map<String, Long> sizes) {
    return sizes.values().stream().mapToLong(Long::longValue).sum();
  }

  private static void closeQuietly(@Nullable FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // Nothing was written through it.
    }
  }

  /** Lets other processes have the directory; mapped content stays readable. */
  @Override
  public void close() {
    closeQuietly(lockFile);
  }
}
