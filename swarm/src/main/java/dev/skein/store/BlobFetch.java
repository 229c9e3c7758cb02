package dev.skein.store;

import dev.skein.wire.BlobRef;
import dev.skein.wire.BlobStream;
import dev.skein.wire.Peer;
import dev.skein.wire.PeerException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** One blob on its way from whichever peer has it. */
final class BlobFetch {
  private static final int ROUNDS = 3;
  private static final long PAUSE_MILLIS = 200;

  private final BlobStore store;
  private final BlobRef ref;
  private final long endNanos;
  private final AtomicLong fetched;

  /** Peers that answered and do not have it, or have it wrong. */
  private final Set<Peer> unfit = new HashSet<>();

  private final List<String> troubles = new ArrayList<>();

  BlobFetch(BlobStore store, BlobRef ref, long endNanos, AtomicLong fetched) {
    this.store = store;
    this.ref = ref;
    this.endNanos = endNanos;
    this.fetched = fetched;
  }

  static @Nullable MemorySegment held(BlobStore store, BlobRef ref) {
    MemorySegment held = store.find(ref.sha256());
    if (held != null && held.byteSize() != ref.bytes()) {
      throw new StoreException("blob " + ref + " has " + held.byteSize() + " bytes in truth");
    }
    return held;
  }

  /**
   * @param peers whom to ask in which round
   * @param start which of the peers to begin with, so that several fetches spread
   */
  MemorySegment run(IntFunction<List<Peer>> peers, int start, Semaphore slots)
      throws InterruptedException {
    if (!slots.tryAcquire(Math.max(0, endNanos - System.nanoTime()), TimeUnit.NANOSECONDS)) {
      throw failed();
    }
    try (BlobWriter writer = store.writer(ref, left())) {
      MemorySegment held = held(store, ref);
      for (int round = 0; held == null && round < ROUNDS; round++) {
        if (round > 0) {
          TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS * round);
        }
        held = round(writer, peers.apply(round), start);
      }
      if (held == null) {
        throw failed();
      }
      return held;
    } finally {
      slots.release();
    }
  }

  private @Nullable MemorySegment round(BlobWriter writer, List<Peer> peers, int start)
      throws InterruptedException {
    List<Peer> candidates = new ArrayList<>(peers);
    Collections.rotate(candidates, -start);
    candidates.removeAll(unfit);
    for (Peer peer : candidates) {
      if (left().isZero()) {
        throw failed();
      }
      try {
        copy(peer, writer);
        return writer.finish();
      } catch (PeerException e) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        troubles.add(e.getMessage());
        if (!e.retryable()) {
          unfit.add(peer);
        }
      } catch (CorruptBlobException e) {
        // The beginning may be another peer's, who is then found out by the same check.
        writer.restart();
        troubles.add(peer + ": " + e.getMessage());
        unfit.add(peer);
      }
    }
    return null;
  }

  private void copy(Peer peer, BlobWriter writer) {
    try (BlobStream stream = peer.fetch(ref.sha256(), writer.offset(), left())) {
      if (stream.total() != ref.bytes()) {
        throw new CorruptBlobException("holds %d bytes as blob %s".formatted(stream.total(), ref));
      }
      ByteBuffer bytes;
      while ((bytes = stream.next()) != null) {
        int length = bytes.remaining();
        writer.append(bytes);
        fetched.addAndGet(length);
      }
    }
    if (writer.offset() < ref.bytes()) {
      throw new CorruptBlobException("ended blob " + ref + " early");
    }
  }

  private Duration left() {
    return Duration.ofNanos(Math.max(0, endNanos - System.nanoTime()));
  }

  private StoreException failed() {
    return new StoreException(
        "blob %s cannot be fetched (%s)"
            .formatted(
                ref,
                troubles.isEmpty()
                    ? "no peer was there to ask in time"
                    : String.join("; ", new HashSet<>(troubles))));
  }
}
