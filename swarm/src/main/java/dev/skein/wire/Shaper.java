package dev.skein.wire;

import java.util.Random;

/**
 * One direction of an emulated link, as arithmetic: told when bytes are sent, it says when they
 * have left and when they arrive. It never looks at a clock. All connections of a process share its
 * rate; each has a {@link Flow} of its own, within which order is kept. Thread-safe.
 *
 * <p>With a rate of R bytes/s, bytes sent at t that find the link free at f leave at max(t, f) +
 * n/R and arrive one delay later. Bytes go in packets of 1,448. Each that is lost is sent again,
 * taking its share of the rate again, and holds up the delivery of what it belongs to, and of what
 * follows in its flow, by one retransmission time-out: two round trips, at least 10 ms (the
 * tail-loss probe of RFC 8985). Losses within the same piece are recovered together.
 */
final class Shaper {
  static final int PACKET_BYTES = 1_448;
  private static final long MIN_TIMEOUT_NANOS = 10_000_000;
  private static final double NANOS = 1e9;

  private final LinkSpec spec;
  private final Random random;
  private long freeAt;

  /** Times in nanoseconds of the caller's clock: bytes have left the sender; bytes have arrived. */
  record Passage(long leaves, long arrives) {}

  Shaper(LinkSpec spec, long seed) {
    this.spec = spec;
    this.random = new Random(seed);
  }

  Flow flow() {
    return new Flow();
  }

  /** Two round trips over a link whose other direction is alike. */
  static long timeoutNanos(LinkSpec spec) {
    return Math.max(MIN_TIMEOUT_NANOS, 4 * spec.delayNanos());
  }

  /** One connection's bytes. */
  final class Flow {
    private long lastArrival;

    /**
     * @param now nanoseconds, not negative, never less than in an earlier call
     */
    Passage send(long now, int bytes) {
      synchronized (Shaper.this) {
        long resent = resent(bytes);
        freeAt =
            Math.max(now, freeAt) + Math.round((bytes + resent) * NANOS / spec.bytesPerSecond());
        long arrival = freeAt + delay() + (resent > 0 ? timeoutNanos(spec) : 0);
        lastArrival = Math.max(lastArrival, arrival);
        return new Passage(freeAt, lastArrival);
      }
    }
  }

  private long resent(int bytes) {
    if (spec.loss() == 0) {
      return 0;
    }
    long resent = 0;
    for (int at = 0; at < bytes; at += PACKET_BYTES) {
      while (random.nextDouble() < spec.loss()) {
        resent += Math.min(PACKET_BYTES, bytes - at);
      }
    }
    return resent;
  }

  private long delay() {
    if (spec.jitterNanos() == 0) {
      return spec.delayNanos();
    }
    double offset = (2 * random.nextDouble() - 1) * spec.jitterNanos();
    return Math.max(0, spec.delayNanos() + Math.round(offset));
  }
}
