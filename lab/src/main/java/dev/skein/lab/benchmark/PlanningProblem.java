package dev.skein.lab.benchmark;

import dev.skein.cost.ChainCosts;
import dev.skein.cost.DeviceProfile;
import dev.skein.cost.LinkProfile;
import dev.skein.cost.SegmentCost;
import dev.skein.plan.ExactPlanner;
import dev.skein.plan.Goal;
import dev.skein.plan.PlanException;
import dev.skein.plan.Swarm;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A chain and a swarm drawn at random, log-uniformly where sizes differ by orders: segments of 0.1
 * to 4.5 ms, 3 to 440 kB of weights and 8 to 440 kB of activations; cuts of 8 kB to 1.2 MB; devices
 * 1 to 20 times as slow as the reference; access links of 10 to 870 Mbit/s and 0.2 to 3 ms. The
 * requester is any of the devices, or none.
 */
record PlanningProblem(ChainCosts costs, Swarm swarm) {
  private static final int SEGMENTS = 100;

  /** How much memory there is. */
  enum Memory {
    LOOSE(0),
    SHORT(3),
    TIGHT(1.5);

    /**
     * All devices' memory together over the model's weights, besides the largest activations, which
     * each device can hold; 0: no limit.
     */
    private final double share;

    Memory(double share) {
      this.share = share;
    }
  }

  /** Problems that have a solution. */
  static PlanningProblem[] solvable(int devices, Memory memory, int count) {
    PlanningProblem[] problems = new PlanningProblem[count];
    int found = 0;
    for (long seed = 0; found < count; seed++) {
      PlanningProblem problem = draw(SEGMENTS, devices, memory, seed);
      if (isSolvable(problem)) {
        problems[found++] = problem;
      }
    }
    return problems;
  }

  private static boolean isSolvable(PlanningProblem problem) {
    try {
      for (Goal goal : Goal.values()) {
        new ExactPlanner().plan(problem.costs(), problem.swarm(), goal);
      }
      return true;
    } catch (PlanException nothingFits) {
      return false;
    }
  }

  static PlanningProblem draw(int segments, int devices, Memory memory, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    ChainCosts costs = chain(segments, random);
    List<DeviceProfile> profiles = new ArrayList<>();
    long peak =
        costs.segments().stream().mapToLong(SegmentCost::activationBytes).max().orElseThrow();
    for (int d = 0; d < devices; d++) {
      double mean = costs.weightBytes() * memory.share / devices;
      long bytes =
          memory == Memory.LOOSE
              ? Long.MAX_VALUE
              : (long) (mean * random.nextDouble(0.4, 1.6)) + peak;
      double slowness = Math.exp(random.nextDouble(0, 3));
      String name = "device-" + d;
      profiles.add(new DeviceProfile(name, name, slowness, random.nextDouble(0.05, 0.5), bytes));
    }
    return new PlanningProblem(
        costs, new Swarm(profiles, links(devices + 1, random), random.nextInt(devices + 1)));
  }

  private static ChainCosts chain(int segments, SplittableRandom random) {
    List<SegmentCost> costs = new ArrayList<>();
    long[] cuts = new long[segments + 1];
    for (int s = 0; s < segments; s++) {
      long weights = (long) Math.exp(random.nextDouble(8, 13));
      long activations = (long) Math.exp(random.nextDouble(9, 13));
      costs.add(new SegmentCost(0, weights, activations, Math.exp(random.nextDouble(-2, 1.5))));
      cuts[s] = (long) Math.exp(random.nextDouble(9, 14));
    }
    cuts[0] = 150_528;
    cuts[segments] = 4_000;
    return new ChainCosts(costs, cuts);
  }

  private static LinkProfile[][] links(int ends, SplittableRandom random) {
    double[] access = random.doubles(ends, 14, 18.5).map(Math::exp).toArray();
    LinkProfile[][] links = new LinkProfile[ends][ends];
    for (int from = 0; from < ends; from++) {
      for (int to = 0; to < ends; to++) {
        double rate = Math.min(access[from], access[to]) * random.nextDouble(0.7, 1);
        links[from][to] = new LinkProfile(random.nextDouble(0.2, 3), rate);
      }
    }
    return links;
  }
}
