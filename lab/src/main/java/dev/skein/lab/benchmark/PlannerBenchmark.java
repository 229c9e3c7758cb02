package dev.skein.lab.benchmark;

import dev.skein.lab.benchmark.PlanningProblem.Memory;
import dev.skein.plan.ExactPlanner;
import dev.skein.plan.Goal;
import dev.skein.plan.Plan;
import dev.skein.plan.Planner;
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
 * Planning time on {@link PlanningProblem}s of a hundred segments. The mean over problems; {@link
 * Planning} has median and worst.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class PlannerBenchmark {
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
    problems = PlanningProblem.solvable(devices, Memory.valueOf(memory), PROBLEMS);
  }

  @Benchmark
  public Plan plan() {
    PlanningProblem problem = problems[next++ % problems.length];
    return planner.plan(problem.costs(), problem.swarm(), goal);
  }
}
