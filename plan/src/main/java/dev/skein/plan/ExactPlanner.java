package dev.skein.plan;

import dev.skein.cost.ChainCosts;
import java.util.List;

/** Exact planner. */
public final class ExactPlanner implements Planner {
  private static final LeastLatency.Effort EFFORT = new LeastLatency.Effort(16, 2000);

  @Override
  public Plan plan(ChainCosts costs, Swarm swarm, Goal goal) {
    return plan(Instance.of(costs, swarm), goal, Integer.MAX_VALUE);
  }

  static Plan plan(Instance instance, Goal goal, int maxDevices) {
    List<Stage> single = Singles.best(instance, goal);
    return switch (goal) {
      case LATENCY -> latency(instance, single, maxDevices);
      case THROUGHPUT -> throughput(instance, single, maxDevices);
    };
  }

  private static Plan latency(Instance instance, List<Stage> single, int maxDevices) {
    LeastLatency.Outcome outcome =
        new LeastLatency(
                Limit.none(instance),
                Scarcity.memory(instance, maxDevices),
                (used, position) -> true,
                EFFORT)
            .solve(single);
    if (outcome.stages().isEmpty()) {
      throw new PlanException("nothing fits");
    }
    return instance.plan(outcome.stages(), outcome.proven());
  }

  private static Plan throughput(Instance instance, List<Stage> single, int maxDevices) {
    LeastLatency.Outcome widest = new LeastBottleneck(instance, maxDevices).solve(single);
    if (widest.stages().isEmpty()) {
      throw new PlanException("nothing fits");
    }
    Limit limit = Limit.of(instance, Bottleneck.of(instance, widest.stages()) * (1 + 1e-9));
    LeastLatency.Outcome outcome =
        new LeastLatency(
                limit,
                Scarcity.turns(instance, maxDevices),
                new SetReach(limit, maxDevices),
                EFFORT)
            .solve(widest.stages());
    return instance.plan(outcome.stages(), widest.proven() && outcome.proven());
  }
}
