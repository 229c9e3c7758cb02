package dev.skein.plan;

import java.util.List;

/**
 * The pipeline of least bottleneck in which no device is used twice: a search over limits, each
 * answered by {@link SetReach} for few devices, else by {@link BeamReach}. Every yes brings a plan
 * whose own bottleneck is the next upper end, so the search ends at an exact value: when nothing
 * strictly below it is possible.
 */
final class LeastBottleneck {
  /** Relative width of the interval below which it stops halving and asks for "anything less". */
  private static final double NARROW = 1e-3;

  /** How far above the lower end the first limit is, before any plan but the given one is known. */
  private static final double FIRST_LEAP = 0.03;

  private static final int BEAM_DEVICES = 48;

  private final Instance instance;
  private final int maxDevices;
  private boolean exact = true;

  LeastBottleneck(Instance instance, int maxDevices) {
    this.instance = instance;
    this.maxDevices = maxDevices;
  }

  /**
   * @param known a plan to start from; empty if none is known
   */
  LeastLatency.Outcome solve(List<Stage> known) {
    List<Stage> best = known.isEmpty() ? find(Instance.NEVER) : known;
    if (best.isEmpty()) {
      return new LeastLatency.Outcome(best, exact);
    }
    double floor = floor();
    double low = floor;
    double high = Bottleneck.of(instance, best);
    boolean last = high <= floor;
    for (double leap = FIRST_LEAP; !last; leap *= 2) {
      boolean narrow = high - low <= NARROW * high;
      double limit = narrow ? Math.nextDown(high) : Math.min(low * (1 + leap), (low + high) / 2);
      List<Stage> found = find(limit);
      if (found.isEmpty()) {
        low = limit;
        last = narrow;
      } else {
        best = found;
        high = Bottleneck.of(instance, found);
        leap = Instance.NEVER;
        last = high <= floor;
      }
    }
    return new LeastLatency.Outcome(best, exact || high <= floor);
  }

  private List<Stage> find(double millis) {
    Limit limit = Limit.of(instance, millis);
    if (instance.devices() > SetReach.MAX_DEVICES) {
      exact = false;
      return new BeamReach(limit, maxDevices, BEAM_DEVICES).find();
    }
    SetReach reach = new SetReach(limit, maxDevices);
    List<Stage> found = reach.find();
    exact &= !reach.gaveUp();
    return found;
  }

  /**
   * No bottleneck is below this: some device runs each segment, and all devices together, each for
   * as long, run all of them.
   */
  private double floor() {
    double floor = 0;
    for (int s = 0; s < instance.segments(); s++) {
      double least = Instance.NEVER;
      for (int d = 0; d < instance.devices(); d++) {
        if (instance.reach()[d][s] > s) {
          least = Math.min(least, instance.stageMillis(d, s, s + 1));
        }
      }
      floor = Math.max(floor, least);
    }
    double low = 0;
    double high = Instance.NEVER;
    for (int d = 0; d < instance.devices(); d++) {
      high = Math.min(high, instance.stageMillis(d, 0, instance.segments()));
    }
    while (high - low > NARROW * high) {
      double middle = (low + high) / 2;
      if (work(middle) < instance.chain().totalMillis()) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return Math.max(floor, low * (1 - 1e-9));
  }

  /** Reference milliseconds that all devices do within a limit. */
  private double work(double millis) {
    double work = 0;
    for (int d = 0; d < instance.devices(); d++) {
      double slowness = Math.max(instance.fleet().slowness[d], Double.MIN_NORMAL);
      work += Math.max(0, millis - instance.fleet().overhead[d]) / slowness;
    }
    return work;
  }
}
