package dev.skein.engine;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Which weights stay in memory and which come and go, so that nothing goes above a budget. A pure
 * function of sizes.
 *
 * <p>Weights are used once a run, in order, so keeping some only part of the time would save
 * nothing. Reading a byte again costs the same for each, so the plan with the fewest is sought,
 * among those that keep the greatest, or the first, or the last of the weights.
 *
 * @param runs the units in order, joined as far as the budget allows
 * @param bytes greatest sum at any time
 * @param reloaded bytes of weights that come and go in every run of the model
 */
record BudgetPlan(List<Run> runs, long bytes, long reloaded) {
  /** Running one more session is worth reading this much again. */
  private static final long RUN_COST = 256 << 10;

  /** A page of zeros costs as much as so many of a file, which come several at a time. */
  private static final long ZEROS_COST = 8;

  /**
   * What lies between two neighbouring places where the model can be cut.
   *
   * @param weights bytes of weights that may come and go
   * @param pages of the slab in which it has values
   */
  record Unit(long weights, BitSet pages) {}

  /**
   * Units {@code from} to {@code to}, exclusive, run as one.
   *
   * @param stays whether its weights are kept
   * @param releases pages of the slab that are released before it
   * @param brings pages of the slab that were released earlier and that it needs
   */
  record Run(int from, int to, boolean stays, BitSet releases, BitSet brings) {}

  /**
   * @param units of the model, in order
   * @param breaks units with which a run has to begin
   * @param always bytes that are in use all the time
   * @param perRun bytes that each run takes beside
   */
  record Problem(List<Unit> units, BitSet breaks, long always, long perRun) {
    long slabBytes(BitSet pages) {
      return pages.cardinality() * Pages.SIZE;
    }

    BitSet allPages() {
      BitSet all = new BitSet();
      units.forEach(unit -> all.or(unit.pages()));
      return all;
    }

    long weightBytes() {
      return units.stream().mapToLong(Unit::weights).sum();
    }
  }

  /** The plan that reads least again; empty if the budget is too small for any. */
  static Optional<BudgetPlan> of(Problem problem, long budget) {
    List<BudgetPlan> plans = new ArrayList<>();
    int units = problem.units().size();
    for (boolean slabStays : new boolean[] {true, false}) {
      for (int most = 1; ; most = Math.min(units, most * 2)) {
        long left = budget - problem.always() - most * problem.perRun();
        new BudgetPlanner(problem, left, slabStays)
            .best(most)
            .map(plan -> plan.plus(problem.always() + plan.runs().size() * problem.perRun()))
            .ifPresent(plans::add);
        if (most >= units) {
          break;
        }
      }
    }
    return plans.stream().min(Comparator.comparingLong(BudgetPlan::cost));
  }

  /** The smallest budget for which there is a plan. */
  static long least(Problem problem) {
    long least = Long.MAX_VALUE;
    int units = problem.units().size();
    for (int most = 1; ; most = Math.min(units, most * 2)) {
      long bytes = leastFor(problem, most) + problem.always() + most * problem.perRun();
      least = Math.min(least, bytes);
      if (most >= units) {
        return least;
      }
    }
  }

  private static long leastFor(Problem problem, int mostRuns) {
    long low = 0;
    long high = problem.weightBytes() + problem.slabBytes(problem.allPages());
    while (low < high) {
      long middle = (low + high) / 2;
      if (new BudgetPlanner(problem, middle, false).withoutKeeping(mostRuns).isPresent()) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return high;
  }

  private BudgetPlan plus(long more) {
    return new BudgetPlan(runs, bytes + more, reloaded);
  }

  long cost() {
    long zeros = runs.stream().mapToLong(run -> run.releases().cardinality() * Pages.SIZE).sum();
    return reloaded + zeros * ZEROS_COST + runs.size() * RUN_COST;
  }

  static int[] bySize(List<Unit> units) {
    return IntStream.range(0, units.size())
        .boxed()
        .sorted(Comparator.comparingLong((Integer unit) -> units.get(unit).weights()).reversed())
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
