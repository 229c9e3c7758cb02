package dev.skein.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against every plan there is, on small problems. */
class ExactPlannerOracleTest {
  private static final int PROBLEMS = 4000;

  static Problem problem(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int devices = 1 + random.nextInt(4);
    int segments = 1 + random.nextInt(devices == 4 ? 5 : 6);
    double[] memories = {0, 0.4, 0.7, 1.2, 2};
    double[] holes = {0, 0, 0, 0.3};
    return Problem.random(
        new Problem.Shape(
            segments,
            devices,
            memories[random.nextInt(memories.length)],
            random.nextInt(3) > 0,
            random.nextInt(3) == 0,
            holes[random.nextInt(holes.length)]),
        seed);
  }

  @ParameterizedTest
  @EnumSource
  void findsTheBestOfAllPlansOrSaysThatNoneFits(Goal goal) {
    int planned = 0;
    for (long seed = 0; seed < PROBLEMS; seed++) {
      planned += check(problem(seed), goal, Integer.MAX_VALUE, seed) ? 1 : 0;
    }
    assertThat(planned).isBetween(PROBLEMS / 2, PROBLEMS - 1);
  }

  @ParameterizedTest
  @EnumSource
  void findsTheBestOfAllPlansOnAtMostTwoDevices(Goal goal) {
    for (long seed = 0; seed < PROBLEMS; seed++) {
      check(problem(seed), goal, 2, seed);
    }
  }

  @Test
  void findsTheFastestOfAllPlansOnLongerChains() {
    for (long seed = 0; seed < 60; seed++) {
      boolean two = seed % 2 == 0;
      double memory = new double[] {0.6, 0.9, 1.3}[(int) (seed % 3)];
      Problem.Shape shape = new Problem.Shape(two ? 12 : 8, two ? 2 : 3, memory, true, false, 0);
      check(Problem.random(shape, seed), Goal.LATENCY, Integer.MAX_VALUE, seed);
    }
  }

  @Test
  void findsTheBestOfAllPipelinesOnMoreDevices() {
    for (long seed = 0; seed < 24; seed++) {
      boolean coarse = seed % 4 == 0;
      double memory = new double[] {0, 0.4, 0.7}[(int) (seed % 3)];
      Problem.Shape shape = new Problem.Shape(8, 6, memory, seed % 2 == 0, coarse, 0.1);
      check(Problem.random(shape, seed), Goal.THROUGHPUT, Integer.MAX_VALUE, seed);
    }
  }

  private static boolean check(Problem problem, Goal goal, int maxDevices, long seed) {
    BruteForce.Valued best = BruteForce.best(problem, goal, maxDevices);
    Plan plan;
    try {
      plan =
          new ExactPlanner().plan(Instance.of(problem.costs(), problem.swarm()), goal, maxDevices);
    } catch (PlanException e) {
      assertThat(best).as("seed %d: %s", seed, e.getMessage()).isNull();
      return false;
    }
    assertThat(best).as("seed %d: %s", seed, plan).isNotNull();
    if (goal == Goal.THROUGHPUT) {
      assertThat(BruteForce.same(plan.bottleneckMillis(), best.bottleneck()))
          .as("seed %d: %s against %s", seed, plan, best)
          .isTrue();
    }
    assertThat(plan.latencyMillis())
        .as("seed %d: %s against %s", seed, plan, best)
        .isCloseTo(best.latency(), within(1e-8 * best.latency()));
    assertThat(goal == Goal.THROUGHPUT ? plan.deviceCount() : plan.stages().size())
        .as("seed %d: %s against %s", seed, plan, best)
        .isEqualTo(goal == Goal.THROUGHPUT ? best.devices() : best.stages().size());
    assertThat(plan.optimal()).as("seed %d", seed).isTrue();
    return true;
  }
}
