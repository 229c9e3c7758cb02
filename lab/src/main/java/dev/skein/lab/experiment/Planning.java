package dev.skein.lab.experiment;

import dev.skein.cli.Experiment;
import dev.skein.cli.Table;
import dev.skein.cost.ChainCosts;
import dev.skein.cost.DeviceProfile;
import dev.skein.cost.LinkProfile;
import dev.skein.cost.SegmentCost;
import dev.skein.plan.ExactPlanner;
import dev.skein.plan.Goal;
import dev.skein.plan.Plan;
import dev.skein.plan.Swarm;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** How long the exact planner takes on random chains and swarms, memory plentiful or short. */
public final class Planning implements Experiment {
  private static final double GOAL_MILLIS = 1;
  private static final double BIG_GOAL_MILLIS = 100;
  private static final int SEGMENTS = 100;

  @Override
  public String name() {
    return "planning";
  }

  @Override
  public String shows() {
    return "time of the exact planner: 100 segments on 10 devices, and on 1,000";
  }

  /** One kind of instance: so many devices, of which each holds this share of the model. */
  private record Case(Goal goal, int devices, double memoryShare) {}

  @Override
  public Result run(boolean quick, PrintStream out) {
    int seeds = quick ? 40 : 300;
    List<Case> cases =
        List.of(
            new Case(Goal.LATENCY, 10, 2),
            new Case(Goal.LATENCY, 10, 0.4),
            new Case(Goal.THROUGHPUT, 10, 2),
            new Case(Goal.THROUGHPUT, 10, 0.4),
            new Case(Goal.LATENCY, 1000, 2));
    Table table =
        new Table("goal", "devices", "memory", "instances", "median ms", "worst ms", "proven");
    List<Map<String, Object>> rows = new ArrayList<>();
    List<Claim> claims = new ArrayList<>();
    for (Case one : cases) {
      int instances = one.devices() > 100 ? Math.max(5, seeds / 20) : seeds;
      double[] millis = new double[instances];
      int proven = 0;
      for (int seed = 0; seed < instances; seed++) {
        Measured measured = measure(one, seed);
        millis[seed] = measured.millis();
        proven += measured.plan().optimal() ? 1 : 0;
      }
      Arrays.sort(millis);
      double median = millis[instances / 2];
      double worst = millis[instances - 1];
      table.row(
          one.goal(),
          one.devices(),
          one.memoryShare() + " models",
          instances,
          median,
          worst,
          proven + "/" + instances);
      rows.add(
          Map.of(
              "goal", one.goal().name(),
              "devices", one.devices(),
              "memory_share", one.memoryShare(),
              "median_ms", median,
              "worst_ms", worst,
              "proven", proven,
              "instances", instances));
      double goal = one.devices() > 100 ? BIG_GOAL_MILLIS : GOAL_MILLIS;
      claims.add(
          new Claim(
              "median ms, %s, %d devices, memory for %.1f models"
                  .formatted(one.goal(), one.devices(), one.memoryShare()),
              goal,
              median,
              median <= goal));
    }
    out.print(table);
    return new Result(rows, claims);
  }

  private record Measured(double millis, Plan plan) {}

  /** The fastest of a few runs: what the planner takes when nothing disturbs it. */
  private static Measured measure(Case one, int seed) {
    Random random = new Random(seed);
    ChainCosts costs = chain(random);
    Swarm swarm = swarm(random, one, costs.weightBytes());
    ExactPlanner planner = new ExactPlanner();
    Plan plan = planner.plan(costs, swarm, one.goal());
    long best = Long.MAX_VALUE;
    for (int run = 0; run < 3; run++) {
      long begun = System.nanoTime();
      plan = planner.plan(costs, swarm, one.goal());
      best = Math.min(best, System.nanoTime() - begun);
    }
    return new Measured(best / 1e6, plan);
  }

  private static ChainCosts chain(Random random) {
    List<SegmentCost> segments = new ArrayList<>();
    for (int i = 0; i < SEGMENTS; i++) {
      segments.add(
          new SegmentCost(
              1_000_000,
              random.nextLong(1_000, 2_000_000),
              random.nextLong(10_000, 1_000_000),
              0.02 + 0.2 * random.nextDouble()));
    }
    long[] cuts =
        IntStream.rangeClosed(0, SEGMENTS)
            .mapToLong(i -> random.nextLong(2_000, 600_000))
            .toArray();
    return new ChainCosts(segments, cuts);
  }

  private static Swarm swarm(Random random, Case one, long modelBytes) {
    List<DeviceProfile> devices = new ArrayList<>();
    for (int i = 0; i < one.devices(); i++) {
      double slowness = Math.exp(random.nextDouble() * Math.log(40));
      long memory = (long) (one.memoryShare() * (0.7 + 0.6 * random.nextDouble()) * modelBytes);
      devices.add(new DeviceProfile("d" + i, "d" + i, slowness, 0.3, memory));
    }
    LinkProfile[][] links = new LinkProfile[one.devices()][one.devices()];
    for (int from = 0; from < one.devices(); from++) {
      for (int to = 0; to < one.devices(); to++) {
        double rate = 1e6 * Math.exp(random.nextDouble() * Math.log(100));
        links[from][to] = new LinkProfile(0.5 + 5 * random.nextDouble(), rate);
      }
    }
    return new Swarm(devices, links, 0);
  }
}
