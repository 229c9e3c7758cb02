package dev.skein.wire;

import java.time.Duration;
import java.util.Arrays;

/**
 * Measures the link to a peer with a few pings: about 0.3 s at most on a link that is not slower.
 */
public final class LinkProbe {
  private static final int SMALL_PINGS = 3;
  private static final int FIRST_BYTES = 4 << 10;
  private static final int GROWTH = 4;
  private static final double LONG_ENOUGH_MILLIS = 20;
  private static final double BUDGET_MILLIS = 300;
  private static final Duration PING_DEADLINE = Duration.ofSeconds(10);

  private LinkProbe() {}

  /**
   * Latency is half the median round trip of three small pings. For the rate the payload grows
   * until its ping takes 20 ms longer than a small one, or to 1 MiB: bytes per additional time.
   *
   * @throws PeerException if the peer does not answer
   */
  public static LinkMeasure measure(Peer peer) {
    double _ = peer.ping(0, PING_DEADLINE); // connects
    double[] small = new double[SMALL_PINGS];
    Arrays.setAll(small, i -> peer.ping(0, PING_DEADLINE));
    Arrays.sort(small);
    double roundTrip = small[SMALL_PINGS / 2];
    double spent = Arrays.stream(small).sum();
    double rate = 0;
    double extra = 0;
    for (int bytes = FIRST_BYTES;
        bytes <= WireLimits.PING_BYTES && extra < LONG_ENOUGH_MILLIS && spent < BUDGET_MILLIS;
        bytes *= GROWTH) {
      double millis = peer.ping(bytes, PING_DEADLINE);
      spent += millis;
      // A big ping can by chance be as fast as a small one; the link is then as fast as can be
      // told.
      extra = Math.max(millis - roundTrip, millis / 100);
      rate = bytes / extra * 1e3;
    }
    return new LinkMeasure(roundTrip / 2, rate);
  }
}
