package dev.skein.lab.benchmark;

import dev.skein.lab.benchmark.PlanningProblem.Memory;
import dev.skein.plan.ExactPlanner;
import dev.skein.plan.Goal;
import dev.skein.plan.Plan;
import dev.skein.plan.PlanException;
import dev.skein.plan.Planner;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Planning time on {@link PlanningProblem}s of a hundred segments. By JMH: the mean over problems.
 * As a program: median and worst over many problems, each timed by the best of some repetitions.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class PlannerBenchmark {
  private static final int SEGMENTS = 100;
  private static final int PROBLEMS = 64;

  @Param({"10"})
  public int devices;

  @Param({"LOOSE", "SHORT", "TIGHT"})
  public String memory = "";

  @Param({"LATENCY", "THROUGHPUT"})
  public Goal goal = Goal.LATENCY;

  private final Planner planner = new ExactPlanner();
  private PlanningProblem[] problems = {};
  private int next;

  @Setup
  public void setUp() {
    problems = problems(devices, Memory.valueOf(memory), PROBLEMS);
  }

  @Benchmark
  public Plan plan() {
    PlanningProblem problem = problems[next++ % problems.length];
    return planner.plan(problem.costs(), problem.swarm(), goal);
  }

  /** Problems that have a solution. */
  private static PlanningProblem[] problems(int devices, Memory memory, int count) {
    PlanningProblem[] problems = new PlanningProblem[count];
    int found = 0;
    for (long seed = 0; found < count; seed++) {
      PlanningProblem problem = PlanningProblem.draw(SEGMENTS, devices, memory, seed);
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

  public static void main(String[] arguments) {
    PrintStream out = System.out;
    out.printf(
        "%-8s %-10s %-6s %9s %9s %8s%n", "devices", "goal", "memory", "median", "worst", "proven");
    for (Goal goal : Goal.values()) {
      for (Memory memory : Memory.values()) {
        report(out, 10, memory, goal);
      }
    }
    report(out, 1000, Memory.LOOSE, Goal.LATENCY);
  }

  private static void report(PrintStream out, int devices, Memory memory, Goal goal) {
    PlanningProblem[] problems = problems(devices, memory, devices > 100 ? 8 : 200);
    int repetitions = devices > 100 ? 10 : 40;
    double[] millis = new double[problems.length];
    Arrays.fill(millis, Double.POSITIVE_INFINITY);
    int proven = 0;
    Planner planner = new ExactPlanner();
    for (int k = 0; k < repetitions; k++) {
      for (int i = 0; i < problems.length; i++) {
        long start = System.nanoTime();
        Plan plan = planner.plan(problems[i].costs(), problems[i].swarm(), goal);
        millis[i] = Math.min(millis[i], (System.nanoTime() - start) / 1e6);
        proven += k == 0 && plan.optimal() ? 1 : 0;
      }
    }
    Arrays.sort(millis);
    out.printf(
        Locale.ROOT,
        "%-8d %-10s %-6s %6.3f ms %6.3f ms %7.0f%%%n",
        devices,
        goal,
        memory,
        millis[millis.length / 2],
        millis[millis.length - 1],
        100.0 * proven / problems.length);
  }
}
