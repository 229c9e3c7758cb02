package dev.skein.plan;

import java.util.List;

/** Least bottleneck first; of the plans that have it, least latency, then fewest devices. */
final class ThroughputPlan {
  /** Bottlenecks that differ by less are the same: rounding. */
  private static final double SAME = 1e-9;

  private final Instance instance;
  private final int maxDevices;
  private final LeastLatency.Effort effort;

  ThroughputPlan(Instance instance, int maxDevices, LeastLatency.Effort effort) {
    this.instance = instance;
    this.maxDevices = maxDevices;
    this.effort = effort;
  }

  Plan best(List<Stage> single) {
    LeastLatency.Outcome widest = new LeastBottleneck(instance, maxDevices).solve(single);
    if (widest.stages().isEmpty()) {
      throw Misfit.of(instance, widest.proven());
    }
    if (instance.devices() <= SetReach.MAX_DEVICES) {
      LeastLatency.Outcome fastest = fastest(instance, widest.stages());
      return instance.plan(fastest.stages(), widest.proven() && fastest.proven());
    }
    Subset few = Subset.of(instance, widest.stages(), SetReach.MAX_DEVICES);
    List<Stage> stages = few.inside(widest.stages());
    LeastLatency.Outcome refined = new LeastBottleneck(few.instance(), maxDevices).solve(stages);
    stages = fastest(few.instance(), refined.stages()).stages();
    return instance.plan(few.outside(stages), false);
  }

  private LeastLatency.Outcome fastest(Instance among, List<Stage> known) {
    Limit limit = Limit.of(among, Bottleneck.of(among, known) * (1 + SAME));
    Sweep.CanFinish canFinish =
        among.devices() > SetReach.MAX_DEVICES
            ? Sweep.CanFinish.UNKNOWN
            : new SetReach(limit, maxDevices);
    Scarcity turns = Scarcity.turns(among, maxDevices);
    return new LeastLatency(limit, turns, canFinish, effort).solve(known);
  }
}
