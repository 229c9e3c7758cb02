package dev.skein.plan;

import dev.skein.cost.ChainCosts;
import dev.skein.cost.DeviceProfile;
import dev.skein.cost.LinkProfile;
import dev.skein.cost.SegmentCost;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A random planning problem; the seed says which. */
record Problem(ChainCosts costs, Swarm swarm) {
  /**
   * What to draw.
   *
   * @param memory each device's share of what the whole model takes, at most (0: no limit)
   * @param requesterComputes whether the requester is one of the devices
   * @param coarse whether values are few and whole, so that many plans tie
   * @param holes share of links that are missing
   */
  record Shape(
      int segments,
      int devices,
      double memory,
      boolean requesterComputes,
      boolean coarse,
      double holes) {}

  static Problem random(Shape shape, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    ChainCosts costs = chain(shape, random);
    int n = shape.devices;
    List<DeviceProfile> devices = new ArrayList<>();
    double all = costs.segments().stream().mapToLong(s -> s.weightBytes()).sum();
    all += costs.segments().stream().mapToLong(s -> s.activationBytes()).max().orElseThrow();
    for (int d = 0; d < n; d++) {
      double slowness = shape.coarse ? 1 + random.nextInt(3) : Math.exp(random.nextDouble(0, 3));
      double overhead = shape.coarse ? random.nextInt(2) : random.nextDouble(0, 0.5);
      long memory =
          shape.memory == 0
              ? Long.MAX_VALUE
              : (long) (all * shape.memory * random.nextDouble(0.3, 1)) + 1;
      devices.add(new DeviceProfile("id" + d, "d" + d, slowness, overhead, memory));
    }
    int requester = shape.requesterComputes ? random.nextInt(n) : n;
    LinkProfile[][] links = new LinkProfile[n + 1][n + 1];
    double[] access = random.doubles(n + 1, 11, 17).map(Math::exp).toArray();
    for (int a = 0; a <= n; a++) {
      for (int b = 0; b <= n; b++) {
        if (random.nextDouble() >= shape.holes) {
          links[a][b] = link(shape, random, Math.min(access[a], access[b]));
        }
      }
    }
    return new Problem(costs, new Swarm(devices, links, requester));
  }

  private static LinkProfile link(Shape shape, SplittableRandom random, double rate) {
    if (shape.coarse) {
      return new LinkProfile(random.nextInt(3), 1000 * (1 + random.nextInt(2)));
    }
    return new LinkProfile(random.nextDouble(0.2, 5), rate * random.nextDouble(0.5, 1));
  }

  private static ChainCosts chain(Shape shape, SplittableRandom random) {
    int m = shape.segments;
    List<SegmentCost> segments = new ArrayList<>();
    for (int s = 0; s < m; s++) {
      double millis = shape.coarse ? 1 + random.nextInt(3) : Math.exp(random.nextDouble(-3, 1));
      long weights = shape.coarse ? 1 + random.nextInt(3) : random.nextLong(1, 400_000);
      long activations = shape.coarse ? random.nextInt(3) : random.nextLong(0, 100_000);
      segments.add(new SegmentCost(0, weights, activations, millis));
    }
    long[] cuts = new long[m + 1];
    for (int p = 0; p <= m; p++) {
      cuts[p] = shape.coarse ? random.nextInt(4) : (long) Math.exp(random.nextDouble(5, 12));
    }
    return new ChainCosts(segments, cuts);
  }
}
