package dev.skein.plan;

import dev.skein.cost.ChainCosts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Plans worth comparing for one goal, the choice among them, and why.
 *
 * @param plans each device alone if it fits, in order of device; then the best on at most 2, 3, …
 *     devices for as long as one more helps, or, where none helps, the best split in two; exactly
 *     one is chosen
 * @param reason one sentence
 */
public record Candidates(Goal goal, List<Candidate> plans, String reason) {
  /** Next to a table, not to a request: there is time for a better look. */
  private static final int EFFORT = 10;

  /** With more devices at work, what fewer could do is of no interest. */
  private static final int MOST_DEVICES = 8;

  public Candidates {
    plans = List.copyOf(plans);
  }

  /**
   * @throws PlanException if no placement fits, or a cost or profile is not a usable number
   */
  public static Candidates of(ChainCosts costs, Swarm swarm, Goal goal) {
    Instance instance = Instance.of(costs, swarm);
    Map<String, Plan> plans = new LinkedHashMap<>();
    for (Plan plan : Singles.of(instance)) {
      plans.put(alone(instance, plan), plan);
    }
    Plan single = plans.values().stream().min(Singles.order(goal)).orElse(null);
    Plan best = addBest(plans, instance, goal);
    String choice = label(instance, best);
    Plan split = best;
    if (best.stages().size() == 1) {
      split = TwoStages.best(instance, goal);
      if (split != null) {
        plans.put("best split in two", split);
      }
    }
    String reason = new Reason(instance, goal).of(best, single, split);
    List<Candidate> candidates = new ArrayList<>();
    plans.forEach(
        (label, plan) -> candidates.add(candidate(instance, label, plan, label.equals(choice))));
    return new Candidates(goal, candidates, reason);
  }

  /** Adds the best plans on ever more devices; gives the best of all. */
  private static Plan addBest(Map<String, Plan> plans, Instance instance, Goal goal) {
    ExactPlanner planner = new ExactPlanner(EFFORT);
    Plan best = planner.plan(instance, goal, Integer.MAX_VALUE);
    int devices = best.deviceCount();
    for (int k = 2; k < Math.min(devices, MOST_DEVICES + 1); k++) {
      Plan plan = onAtMost(planner, instance, goal, k);
      if (plan != null && plan.deviceCount() == k) {
        plans.put(label(instance, plan), plan);
        best = Singles.order(goal).compare(plan, best) < 0 ? plan : best;
      }
    }
    plans.put(label(instance, best), best);
    return best;
  }

  /** The one to run. */
  public Candidate chosen() {
    return plans.stream().filter(Candidate::chosen).findFirst().orElseThrow();
  }

  private static @Nullable Plan onAtMost(
      ExactPlanner planner, Instance instance, Goal goal, int devices) {
    try {
      return planner.plan(instance, goal, devices);
    } catch (PlanException tooFew) {
      return null;
    }
  }

  private static String label(Instance instance, Plan plan) {
    return plan.stages().size() == 1
        ? alone(instance, plan)
        : "best with " + plan.deviceCount() + " devices";
  }

  private static String alone(Instance instance, Plan plan) {
    int device = plan.stages().getFirst().device();
    String name = instance.fleet().names.get(device) + " alone";
    return device == instance.fleet().requester ? name + " (the requester)" : name;
  }

  private static Candidate candidate(Instance instance, String label, Plan plan, boolean chosen) {
    long moved = 0;
    Map<Integer, Long> memory = new HashMap<>();
    int at = instance.fleet().requester;
    for (Stage stage : plan.stages()) {
      moved += at == stage.device() ? 0 : instance.chain().cutBytes[stage.from()];
      memory.merge(
          stage.device(), instance.chain().stageBytes(stage.from(), stage.to()), Long::sum);
      at = stage.device();
    }
    moved += at == instance.fleet().requester ? 0 : instance.chain().cutBytes[instance.segments()];
    return new Candidate(label, plan, moved, memory, chosen);
  }
}
