package dev.skein.wire;

import java.time.Duration;

/**
 * Measures the link to a peer with a few pings: half a second or so at 20 Mbit/s. Whatever else
 * goes on only ever adds time, so the fastest of several pings tells most.
 */
public final class LinkProbe {
  private static final int SMALL_PINGS = 5;
  private static final int BIG_PINGS = 3;
  private static final int FIRST_BYTES = 4 << 10;
  private static final int GROWTH = 4;
  private static final double LONG_ENOUGH_MILLIS = 20;

  /** Beyond this, one ping of the biggest payload must do. */
  private static final double SLOW_MILLIS = 60;

  private static final Duration PING_DEADLINE = Duration.ofSeconds(10);

  private LinkProbe() {}

  /**
   * Latency is half the fastest round trip of a few small pings. For the rate the payload grows
   * until its ping takes 20 ms longer than a small one, or to a quarter MiB; the rate is the
   * additional bytes over the additional time of a payload four times that size, which leaves out
   * what every transfer costs once.
   *
   * @throws PeerException if the peer does not answer
   */
  public static LinkMeasure measure(Peer peer) {
    double _ = peer.ping(0, PING_DEADLINE); // connects
    double roundTrip = fastest(peer, 0, SMALL_PINGS);
    int bytes = FIRST_BYTES;
    double millis = peer.ping(bytes, PING_DEADLINE);
    while (bytes * GROWTH < WireLimits.PING_BYTES && millis - roundTrip < LONG_ENOUGH_MILLIS) {
      bytes *= GROWTH;
      millis = peer.ping(bytes, PING_DEADLINE);
    }
    int more = bytes * GROWTH;
    millis = Math.min(millis, fastest(peer, bytes, BIG_PINGS - 1));
    double longer = fastest(peer, more, millis < SLOW_MILLIS ? BIG_PINGS : 1);
    // By chance the bigger one may be as fast; the link is then as fast as can be told.
    double extra = Math.max(longer - millis, longer / 100);
    return new LinkMeasure(roundTrip / 2, (more - bytes) / extra * 1e3);
  }

  private static double fastest(Peer peer, int bytes, int pings) {
    double fastest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < pings; i++) {
      fastest = Math.min(fastest, peer.ping(bytes, PING_DEADLINE));
    }
    return fastest;
  }
}
