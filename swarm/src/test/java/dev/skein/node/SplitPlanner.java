package dev.skein.node;

import dev.skein.cost.ChainCosts;
import dev.skein.cost.DeviceProfile;
import dev.skein.plan.Goal;
import dev.skein.plan.Plan;
import dev.skein.plan.PlanException;
import dev.skein.plan.Planner;
import dev.skein.plan.Stage;
import dev.skein.plan.Swarm;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits a chain evenly over nodes of these names, in this order; those that are not to be had are
 * left out.
 */
record SplitPlanner(List<String> names) implements Planner {
  static SplitPlanner over(String... names) {
    return new SplitPlanner(List.of(names));
  }

  @Override
  public Plan plan(ChainCosts costs, Swarm swarm, Goal goal) {
    List<String> there = swarm.devices().stream().map(DeviceProfile::name).toList();
    List<String> used = names.stream().filter(there::contains).toList();
    if (used.isEmpty()) {
      throw new PlanException("none of " + names + " is among " + there);
    }
    int segments = costs.segments().size();
    List<Stage> stages = new ArrayList<>();
    for (int i = 0; i < used.size(); i++) {
      int from = i * segments / used.size();
      int to = (i + 1) * segments / used.size();
      stages.add(new Stage(there.indexOf(used.get(i)), from, to));
    }
    return new Plan(stages, 20, 10, false);
  }
}
