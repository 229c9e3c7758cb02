package dev.skein.wire;

import java.time.Duration;

/**
 * Measures the link to a peer with a few pings: half a second or so at 20 Mbit/s. Whatever else
 * goes on only ever adds time, so the fastest of several pings tells most.
 */
public final class LinkProbe {
  private static final int SMALL_PINGS = 5;
  private static final int BIG_PINGS = 3;
  private static final int FIRST_BYTES = 64 << 10;
  private static final int GROWTH = 4;

  /** A transfer as long as this hides what every transfer costs once. */
  private static final double LONG_ENOUGH_MILLIS = 60;

  /** A ping this slow is not repeated: what disturbs it is small beside it. */
  private static final double SLOW_MILLIS = 200;

  private static final Duration CONNECT_DEADLINE = Duration.ofSeconds(3);
  private static final Duration PING_DEADLINE = Duration.ofSeconds(10);

  private LinkProbe() {}

  /**
   * Latency is half the fastest round trip of a few small pings. For the rate the payload grows
   * until its ping takes 60 ms longer than a small one, or to 1 MiB: bytes per additional time.
   *
   * @throws PeerException if the peer does not answer
   */
  public static LinkMeasure measure(Peer peer) {
    double _ = peer.ping(0, CONNECT_DEADLINE);
    double roundTrip = fastest(peer, 0, SMALL_PINGS);
    int bytes = FIRST_BYTES;
    double millis = fastest(peer, bytes, BIG_PINGS);
    while (bytes * GROWTH <= WireLimits.PING_BYTES && millis - roundTrip < LONG_ENOUGH_MILLIS) {
      bytes *= GROWTH;
      millis = fastest(peer, bytes, BIG_PINGS);
    }
    // By chance a big ping may be as fast as a small one; the link is then as fast as can be told.
    double extra = Math.max(millis - roundTrip, millis / 100);
    return new LinkMeasure(roundTrip / 2, bytes / extra * 1e3);
  }

  private static double fastest(Peer peer, int bytes, int pings) {
    double fastest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < pings; i++) {
      double millis = peer.ping(bytes, PING_DEADLINE);
      fastest = Math.min(fastest, millis);
      if (millis > SLOW_MILLIS) {
        break;
      }
    }
    return fastest;
  }
}
