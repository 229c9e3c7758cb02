package dev.skein.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The plans that leave everything to one device. */
final class Singles {
  private Singles() {}

  /** Those that fit and whose device the requester can reach, in order of device. */
  static List<Plan> of(Instance instance) {
    List<Plan> plans = new ArrayList<>();
    for (int d = 0; d < instance.devices(); d++) {
      if (instance.reach()[d][0] == instance.segments()) {
        Plan plan = instance.plan(List.of(new Stage(d, 0, instance.segments())), false);
        if (plan.latencyMillis() < Instance.NEVER) {
          plans.add(plan);
        }
      }
    }
    return plans;
  }

  /** Stages of the best one, or none if no device can do it alone. */
  static List<Stage> best(Instance instance, Goal goal) {
    return of(instance).stream().min(order(goal)).map(Plan::stages).orElse(List.of());
  }

  static Comparator<Plan> order(Goal goal) {
    Comparator<Plan> latency = Comparator.comparingDouble(Plan::latencyMillis);
    Comparator<Plan> first =
        switch (goal) {
          case LATENCY -> latency;
          case THROUGHPUT ->
              Comparator.comparingDouble(Plan::bottleneckMillis).thenComparing(latency);
        };
    return first.thenComparingInt(Plan::deviceCount);
  }
}
