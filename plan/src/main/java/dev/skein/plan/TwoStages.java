package dev.skein.plan;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The best plan of exactly two stages: what a plan on one device is to be compared with. */
final class TwoStages {
  /** Fastest devices considered: all pairs at all cuts are tried. */
  private static final int MOST_DEVICES = 48;

  private TwoStages() {}

  /** Null if no two devices can do it. */
  static @Nullable Plan best(Instance whole, Goal goal) {
    Subset few = Subset.of(whole, List.of(), MOST_DEVICES);
    Instance instance = few.instance();
    Comparator<Plan> order = Singles.order(goal);
    Plan best = null;
    for (int first = 0; first < instance.devices(); first++) {
      for (int second = 0; second < instance.devices(); second++) {
        for (int p = 1; p < instance.segments() && first != second; p++) {
          Plan plan = plan(instance, first, second, p);
          if (plan != null && (best == null || order.compare(plan, best) < 0)) {
            best = plan;
          }
        }
      }
    }
    return best == null ? null : whole.plan(few.outside(best.stages()), false);
  }

  private static @Nullable Plan plan(Instance instance, int first, int second, int p) {
    int m = instance.segments();
    if (instance.reach()[first][0] < p || instance.reach()[second][p] < m) {
      return null;
    }
    Plan plan = instance.plan(List.of(new Stage(first, 0, p), new Stage(second, p, m)), false);
    return plan.latencyMillis() < Instance.NEVER ? plan : null;
  }
}
