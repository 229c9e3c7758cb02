package dev.skein.plan;

import dev.skein.cost.ChainCosts;

/** Decides which device runs which segments: a pure function of what it is given. */
@FunctionalInterface
public interface Planner {
  /**
   * @throws PlanException if no placement fits, or a cost or profile is not a usable number
   */
  Plan plan(ChainCosts costs, Swarm swarm, Goal goal);
}
