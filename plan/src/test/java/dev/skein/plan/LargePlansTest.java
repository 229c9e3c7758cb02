package dev.skein.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What must hold of any plan, on problems too large to try everything. */
class LargePlansTest {
  private static final List<Problem.Shape> SHAPES =
      List.of(
          new Problem.Shape(100, 10, 0, true, false, 0),
          new Problem.Shape(100, 10, 0.5, true, false, 0),
          new Problem.Shape(100, 10, 0.25, false, false, 0),
          new Problem.Shape(100, 10, 0.4, true, false, 0.3),
          new Problem.Shape(60, 12, 0.3, true, true, 0),
          new Problem.Shape(40, 13, 0, true, false, 0),
          new Problem.Shape(80, 30, 0.2, true, false, 0),
          new Problem.Shape(30, 60, 0.2, false, false, 0.1),
          new Problem.Shape(50, 200, 0.15, true, false, 0));

  @ParameterizedTest
  @EnumSource
  void keepsItsPromisesOnLargeProblems(Goal goal) {
    int planned = 0;
    for (Problem.Shape shape : SHAPES) {
      for (long seed = 0; seed < 4; seed++) {
        planned += check(Problem.random(shape, seed), goal, shape + ", seed " + seed) ? 1 : 0;
      }
    }
    assertThat(planned).isGreaterThan(3 * SHAPES.size());
  }

  private static boolean check(Problem problem, Goal goal, String which) {
    Plan plan;
    Instance instance = Instance.of(problem.costs(), problem.swarm());
    try {
      plan = new ExactPlanner().plan(problem.costs(), problem.swarm(), goal);
    } catch (PlanException e) {
      assertThat(Singles.of(instance)).as(which).isEmpty();
      return false;
    }
    assertThat(plan.stages().getFirst().from()).as(which).isZero();
    assertThat(plan.stages().getLast().to()).as(which).isEqualTo(instance.segments());
    for (int k = 1; k < plan.stages().size(); k++) {
      Stage before = plan.stages().get(k - 1);
      Stage after = plan.stages().get(k);
      assertThat(after.from()).as(which).isEqualTo(before.to());
      assertThat(after.device()).as(which).isNotEqualTo(before.device());
      assertThat(after.to()).as(which).isGreaterThan(after.from());
    }
    assertThat(instance.fits(plan.stages())).as(which).isTrue();
    assertThat(plan.latencyMillis()).as(which).isFinite();
    assertThat(plan.latencyMillis()).as(which).isEqualTo(instance.latencyMillis(plan.stages()));
    assertThat(plan.bottleneckMillis()).as(which).isEqualTo(Bottleneck.of(instance, plan.stages()));
    if (goal == Goal.THROUGHPUT) {
      Set<Integer> devices = new HashSet<>();
      plan.stages().forEach(stage -> assertThat(devices.add(stage.device())).as(which).isTrue());
    }
    Comparator<Plan> order = Singles.order(goal);
    for (Plan single : Singles.of(instance)) {
      assertThat(order.compare(plan, single)).as(which).isLessThanOrEqualTo(0);
    }
    return true;
  }

  @ParameterizedTest
  @EnumSource
  void losesNothingByAnotherDevice(Goal goal) {
    for (long seed = 0; seed < 20; seed++) {
      Problem problem =
          Problem.random(new Problem.Shape(40, 6, seed % 2 == 0 ? 0 : 1.5, false, false, 0), seed);
      Instance all = Instance.of(problem.costs(), problem.swarm());
      Plan more = new ExactPlanner(20).plan(all, goal, Integer.MAX_VALUE);
      Instance fewer = all.only(0, 1, 2, 3, 4);
      if (!Singles.of(fewer).isEmpty() && more.optimal()) {
        Plan less = new ExactPlanner(20).plan(fewer, goal, Integer.MAX_VALUE);
        assertThat(value(more, goal)).isLessThanOrEqualTo(value(less, goal) * (1 + 1e-9));
      }
    }
  }

  private static double value(Plan plan, Goal goal) {
    return goal == Goal.LATENCY ? plan.latencyMillis() : plan.bottleneckMillis();
  }

  @ParameterizedTest
  @EnumSource
  void triesHarderWhenAskedTo(Goal goal) {
    Problem problem = Problem.random(new Problem.Shape(100, 10, 0.3, true, false, 0), 3);
    Plan quick = new ExactPlanner().plan(problem.costs(), problem.swarm(), goal);
    Plan slow = new ExactPlanner(30).plan(problem.costs(), problem.swarm(), goal);
    assertThat(value(slow, goal)).isLessThanOrEqualTo(value(quick, goal) * (1 + 1e-9));
  }

  @ParameterizedTest
  @EnumSource
  void neverCallsAPlanOptimalThatMoreEffortBeats(Goal goal) {
    for (long seed = 0; seed < 25; seed++) {
      Problem problem = Problem.random(new Problem.Shape(60, 9, 0.6, true, false, 0), seed);
      Plan quick = new ExactPlanner().plan(problem.costs(), problem.swarm(), goal);
      Plan slow = new ExactPlanner(20).plan(problem.costs(), problem.swarm(), goal);
      if (quick.optimal()) {
        assertThat(value(quick, goal)).isLessThanOrEqualTo(value(slow, goal) * (1 + 1e-9));
      }
    }
  }
}
