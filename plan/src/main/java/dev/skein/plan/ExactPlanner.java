package dev.skein.plan;

import dev.skein.cost.ChainCosts;
import java.util.List;

/**
 * The best chain of stages on any of the devices, the requester's own included if it computes.
 *
 * <p>Least latency is a shortest path over (position, device) while no device's memory is short;
 * where it is, a bounded search. Least bottleneck is a search over limits, exact up to {@value
 * SetReach#MAX_DEVICES} devices. A plan says whether it is proven; it is never worse than the best
 * device alone, and never over anyone's memory.
 */
public final class ExactPlanner implements Planner {
  private final LeastLatency.Effort effort;

  /** Takes about a millisecond for a hundred segments on ten devices. */
  public ExactPlanner() {
    this(1);
  }

  /**
   * @param effort how many times as long as usual to look for a better plan, or for the proof that
   *     there is none, where memory is short
   */
  public ExactPlanner(int effort) {
    if (effort < 1) {
      throw new PlanException("a planner's effort must be at least 1, not " + effort);
    }
    this.effort = LeastLatency.Effort.USUAL.times(effort);
  }

  @Override
  public Plan plan(ChainCosts costs, Swarm swarm, Goal goal) {
    return plan(Instance.of(costs, swarm), goal, Integer.MAX_VALUE);
  }

  /**
   * @param maxDevices most devices that may be at work
   */
  Plan plan(Instance instance, Goal goal, int maxDevices) {
    List<Stage> single = Singles.best(instance, goal);
    return switch (goal) {
      case LATENCY -> new LatencyPlan(instance, maxDevices, effort).best(single);
      case THROUGHPUT -> new ThroughputPlan(instance, maxDevices, effort).best(single);
    };
  }
}
