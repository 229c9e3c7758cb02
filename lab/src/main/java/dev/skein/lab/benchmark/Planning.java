package dev.skein.lab.benchmark;

import dev.skein.cli.Experiment;
import dev.skein.cli.Table;
import dev.skein.lab.benchmark.PlanningProblem.Memory;
import dev.skein.plan.ExactPlanner;
import dev.skein.plan.Goal;
import dev.skein.plan.Plan;
import dev.skein.plan.Planner;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Median and worst planning time over random problems, each timed by the best of some repetitions:
 * what the planner takes when nothing disturbs it.
 */
public final class Planning implements Experiment {
  private static final double GOAL_MILLIS = 1;
  private static final double BIG_GOAL_MILLIS = 100;
  private static final int MANY = 1000;

  @Override
  public String name() {
    return "planning";
  }

  @Override
  public String shows() {
    return "time of the planner: 100 segments on 10 devices, memory plentiful or short, and on 1,000";
  }

  private record Times(double median, double worst, int proven, int problems) {}

  @Override
  public Result run(boolean quick, PrintStream out) {
    Table table =
        new Table("devices", "goal", "memory", "problems", "median ms", "worst ms", "proven");
    List<Map<String, Object>> rows = new ArrayList<>();
    List<Claim> claims = new ArrayList<>();
    for (Goal goal : Goal.values()) {
      for (Memory memory : Memory.values()) {
        add(10, goal, memory, quick, table, rows, claims);
      }
    }
    add(MANY, Goal.LATENCY, Memory.LOOSE, quick, table, rows, claims);
    out.print(table);
    return new Result(rows, claims);
  }

  private static void add(
      int devices,
      Goal goal,
      Memory memory,
      boolean quick,
      Table table,
      List<Map<String, Object>> rows,
      List<Claim> claims) {
    Times times = measure(devices, goal, memory, quick);
    String proven = times.proven() + " of " + times.problems();
    table.row(devices, goal, memory, times.problems(), times.median(), times.worst(), proven);
    rows.add(
        Map.of(
            "devices", devices,
            "goal", goal.name(),
            "memory", memory.name(),
            "problems", times.problems(),
            "median_ms", times.median(),
            "worst_ms", times.worst(),
            "proven", times.proven()));
    double wanted = devices == MANY ? BIG_GOAL_MILLIS : GOAL_MILLIS;
    claims.add(
        new Claim(
            "median ms, %d devices, %s, memory %s".formatted(devices, goal, memory),
            wanted,
            times.median(),
            times.median() <= wanted));
  }

  private static Times measure(int devices, Goal goal, Memory memory, boolean quick) {
    int count = devices == MANY ? 8 : quick ? 50 : 200;
    int repetitions = quick ? 15 : 40;
    PlanningProblem[] problems = PlanningProblem.solvable(devices, memory, count);
    double[] millis = new double[count];
    Arrays.fill(millis, Double.POSITIVE_INFINITY);
    int proven = 0;
    Planner planner = new ExactPlanner();
    for (int repetition = 0; repetition < repetitions; repetition++) {
      for (int i = 0; i < count; i++) {
        long begun = System.nanoTime();
        Plan plan = planner.plan(problems[i].costs(), problems[i].swarm(), goal);
        millis[i] = Math.min(millis[i], (System.nanoTime() - begun) / 1e6);
        proven += repetition == 0 && plan.optimal() ? 1 : 0;
      }
    }
    Arrays.sort(millis);
    return new Times(millis[count / 2], millis[count - 1], proven, count);
  }
}
