package dev.skein.demo;

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
import java.util.stream.IntStream;

/** Spreads a model's segments evenly over the devices of these names that are there, in order. */
record EvenSplit(List<String> names) implements Planner {
  @Override
  public Plan plan(ChainCosts costs, Swarm swarm, Goal goal) {
    List<String> there = swarm.devices().stream().map(DeviceProfile::name).toList();
    List<Integer> used = names.stream().filter(there::contains).map(there::indexOf).toList();
    if (used.isEmpty()) {
      throw new PlanException("none of " + names + " is among " + there);
    }
    int segments = costs.segments().size();
    List<Stage> stages =
        IntStream.range(0, used.size())
            .mapToObj(i ->
                new Stage(
                    used.get(i), i * segments / used.size(), (i + 1) * segments / used.size()))
            .toList();
    List<Double> millis = new ArrayList<>();
    for (Stage stage : stages) {
      double reference =
          costs.segments().subList(stage.from(), stage.to()).stream()
              .mapToDouble(segment -> segment.referenceMillis())
              .sum();
      millis.add(reference * swarm.devices().get(stage.device()).slowness());
    }
    return new Plan(
        stages,
        millis.stream().mapToDouble(Double::doubleValue).sum(),
        millis.stream().mapToDouble(Double::doubleValue).max().orElseThrow(),
        false);
  }
}
