package dev.skein.plan;

import dev.skein.cost.ChainCosts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Plans worth comparing for one goal, the choice among them, and why.
 *
 * @param chosen one of {@code plans}, the best
 * @param plans each device alone if it fits, best first; then the best on at most 2, 3, … devices
 *     for as long as one more helps, or, where none helps, the best split in two
 * @param reason one sentence
 */
public record Candidates(Goal goal, Candidate chosen, List<Candidate> plans, String reason) {
  /** With more devices at work, what fewer could do is of no interest. */
  private static final int MOST_DEVICES = 8;

  public Candidates {
    plans = List.copyOf(plans);
  }

  /**
   * @throws PlanException if no placement fits, or a cost or profile is not a usable number
   */
  public static Candidates of(ExactPlanner planner, ChainCosts costs, Swarm swarm, Goal goal) {
    Instance instance = Instance.of(costs, swarm);
    List<Plan> singles = Singles.of(instance).stream().sorted(Singles.order(goal)).toList();
    Map<String, Plan> plans = new LinkedHashMap<>();
    singles.forEach(plan -> plans.put(label(instance, plan), plan));
    Plan best = addBest(plans, planner, instance, goal);
    Plan split = best;
    if (best.stages().size() == 1) {
      split = TwoStages.best(instance, goal);
      if (split != null) {
        plans.put("best split in two", split);
      }
    }
    Plan single = singles.isEmpty() ? null : singles.getFirst();
    String reason = new Reason(instance, goal).of(best, single, split);
    List<Candidate> candidates = new ArrayList<>();
    plans.forEach((label, plan) -> candidates.add(Candidate.of(instance, label, plan)));
    Candidate chosen = Candidate.of(instance, label(instance, best), best);
    return new Candidates(goal, chosen, candidates, reason);
  }

  /** Plans on one device. */
  public List<Candidate> alone() {
    return plans.stream().filter(one -> one.plan().deviceCount() == 1).toList();
  }

  /** Plans on two devices. */
  public List<Candidate> pairs() {
    return plans.stream().filter(one -> one.plan().deviceCount() == 2).toList();
  }

  /** Adds the best plans on ever more devices; gives the best of all. */
  private static Plan addBest(
      Map<String, Plan> plans, ExactPlanner planner, Instance instance, Goal goal) {
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

  private static @Nullable Plan onAtMost(
      ExactPlanner planner, Instance instance, Goal goal, int devices) {
    try {
      return planner.plan(instance, goal, devices);
    } catch (PlanException tooFew) {
      return null;
    }
  }

  private static String label(Instance instance, Plan plan) {
    if (plan.stages().size() > 1) {
      return "best with " + plan.deviceCount() + " devices";
    }
    int device = plan.stages().getFirst().device();
    String name = instance.fleet().name(device) + " alone";
    return device == instance.fleet().requester ? name + " (the requester)" : name;
  }
}
