package dev.skein.store;

import dev.skein.wire.BlobRef;
import dev.skein.wire.Peer;
import dev.skein.wire.PeerException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Fetches blobs from any peer that has them, several at a time. When a peer breaks off, the next
 * one continues at the byte reached; when content turns out wrong, it starts again elsewhere.
 */
public final class Fetcher {
  private static final int AT_A_TIME = 4;
  private static final Duration PING_DEADLINE = Duration.ofMillis(400);

  private final BlobStore store;
  private final Supplier<List<Peer>> peers;
  private final Semaphore slots = new Semaphore(AT_A_TIME);

  /**
   * @param peers asked anew for each round, nearest or fastest first
   */
  public Fetcher(BlobStore store, Supplier<List<Peer>> peers) {
    this.store = store;
    this.peers = peers;
  }

  /**
   * Returns all of the wanted blobs, those of the store included.
   *
   * @throws StoreException if one cannot be had, or not by the deadline; what has arrived of the
   *     others is kept
   */
  public Fetched fetch(Collection<BlobRef> wanted, Duration deadline) {
    long end = System.nanoTime() + deadline.toNanos();
    AtomicLong fetched = new AtomicLong();
    Map<String, MemorySegment> blobs = new HashMap<>();
    List<BlobRef> missing = new ArrayList<>();
    for (BlobRef ref : new LinkedHashSet<>(wanted)) {
      MemorySegment held = BlobFetch.held(store, ref);
      if (held == null) {
        missing.add(ref);
      } else {
        blobs.put(ref.sha256(), held);
      }
    }
    if (missing.isEmpty()) {
      return new Fetched(blobs, 0);
    }
    List<Peer> first = answering();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Map<String, Future<MemorySegment>> arriving = new HashMap<>();
      for (BlobRef ref : missing) {
        BlobFetch fetch = new BlobFetch(store, ref, end, fetched);
        int start = arriving.size();
        arriving.put(
            ref.sha256(),
            threads.submit(
                () -> fetch.run(round -> round == 0 ? first : answering(), start, slots)));
      }
      try {
        for (Map.Entry<String, Future<MemorySegment>> blob : arriving.entrySet()) {
          blobs.put(blob.getKey(), blob.getValue().get());
        }
      } catch (ExecutionException e) {
        threads.shutdownNow();
        throw e.getCause() instanceof StoreException known
            ? known
            : new StoreException("fetching failed (" + e.getCause() + ")", e);
      } catch (InterruptedException e) {
        threads.shutdownNow();
        Thread.currentThread().interrupt();
        throw new StoreException("interrupted while fetching", e);
      }
    }
    return new Fetched(blobs, fetched.get());
  }

  /** Those that answer at once, since a stopped peer would cost seconds; all if none does. */
  private List<Peer> answering() {
    List<Peer> all = peers.get();
    Set<Peer> silent = ConcurrentHashMap.newKeySet();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Peer peer : all) {
        threads.execute(() -> {
          try {
            double _ = peer.ping(0, PING_DEADLINE);
          } catch (PeerException e) {
            silent.add(peer);
          }
        });
      }
    }
    List<Peer> answering = all.stream().filter(peer -> !silent.contains(peer)).toList();
    return answering.isEmpty() ? all : answering;
  }
}
