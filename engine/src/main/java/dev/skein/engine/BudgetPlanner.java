package dev.skein.engine;

import dev.skein.engine.BudgetPlan.Problem;
import dev.skein.engine.BudgetPlan.Run;
import dev.skein.engine.BudgetPlan.Unit;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Fits weights and values into so many bytes. */
final class BudgetPlanner {
  private static final int MOST_TRIED = 48;

  private final List<Unit> units;
  private final long left;
  private final boolean slabStays;
  // Bytes of the slab that are in use with each unit.
  private final long[] slab;
  private final BitSet allPages;
  private final Problem problem;

  /**
   * @param left bytes for weights and values
   * @param slabStays whether the slab is left alone, which is quicker
   */
  BudgetPlanner(Problem problem, long left, boolean slabStays) {
    this.problem = problem;
    this.units = problem.units();
    this.left = left;
    this.slabStays = slabStays;
    this.allPages = problem.allPages();
    this.slab =
        units.stream()
            .mapToLong(unit -> problem.slabBytes(slabStays ? allPages : unit.pages()))
            .toArray();
  }

  /** The cheapest plan found of at most that many runs. */
  Optional<BudgetPlan> best(int mostRuns) {
    return candidates().stream()
        .filter(stays -> peak(stays) <= left)
        .map(this::plan)
        .filter(plan -> plan.runs().size() <= mostRuns)
        .min(Comparator.comparingLong(BudgetPlan::cost));
  }

  /** The plan in which all weights come and go. */
  Optional<BudgetPlan> withoutKeeping(int mostRuns) {
    BitSet none = new BitSet();
    return Optional.of(none)
        .filter(stays -> peak(stays) <= left)
        .map(this::plan)
        .filter(plan -> plan.runs().size() <= mostRuns);
  }

  private List<BitSet> candidates() {
    List<BitSet> candidates = new ArrayList<>();
    int count = units.size();
    int step = Math.ceilDiv(count, MOST_TRIED);
    for (int kept = 0; kept < count; kept += step) {
      BitSet first = new BitSet();
      first.set(0, kept);
      BitSet last = new BitSet();
      last.set(count - kept, count);
      candidates.add(first);
      candidates.add(last);
    }
    int[] bySize = BudgetPlan.bySize(units);
    for (int greatest = 0; greatest <= Math.min(MOST_TRIED, count); greatest++) {
      BitSet stays = new BitSet();
      for (int i = 0; i < greatest; i++) {
        stays.set(bySize[i]);
      }
      candidates.add((BitSet) stays.clone());
      for (int i = greatest; i < count && peak(stays) <= left; i++) {
        stays.set(bySize[i]);
        if (peak(stays) > left) {
          stays.clear(bySize[i]);
        }
      }
      candidates.add(stays);
    }
    BitSet all = new BitSet();
    all.set(0, count);
    candidates.add(all);
    return candidates;
  }

  private long bytes(BitSet stays) {
    return stays.stream().mapToLong(unit -> units.get(unit).weights()).sum();
  }

  private long peak(BitSet stays) {
    long come = 0;
    for (int unit = 0; unit < slab.length; unit++) {
      come = Math.max(come, slab[unit] + (stays.get(unit) ? 0 : units.get(unit).weights()));
    }
    return bytes(stays) + come;
  }

  private BudgetPlan plan(BitSet stays) {
    long kept = bytes(stays);
    List<Run> runs = new ArrayList<>();
    for (int from = 0; from < slab.length; ) {
      int to = end(from, stays, kept);
      boolean comes = false;
      for (int unit = from; unit < to; unit++) {
        comes |= units.get(unit).weights() > 0 && !stays.get(unit);
      }
      runs.add(new Run(from, to, !comes, new BitSet(), new BitSet()));
      from = to;
    }
    return tidied(runs, kept);
  }

  /** Where a run that begins with that unit has to end: all of it stays, or none. */
  private int end(int from, BitSet stays, long kept) {
    BitSet pages = new BitSet();
    long weights = 0;
    int first = -1;
    for (int unit = from; unit < slab.length; unit++) {
      if (unit > from && problem.breaks().get(unit)) {
        return unit;
      }
      if (units.get(unit).weights() > 0) {
        if (first >= 0 && stays.get(first) != stays.get(unit)) {
          return unit;
        }
        first = unit;
        weights += stays.get(unit) ? 0 : units.get(unit).weights();
      }
      pages.or(slabStays ? allPages : units.get(unit).pages());
      if (unit > from && kept + weights + problem.slabBytes(pages) > left) {
        return unit;
      }
    }
    return slab.length;
  }

  /** With pages of the slab released where otherwise too many of them would be in use. */
  private BudgetPlan tidied(List<Run> runs, long kept) {
    List<BitSet> pages = runs.stream().map(this::pages).toList();
    BitSet used = allPages;
    List<Run> tidied = List.of();
    long peak = 0;
    // Twice, since what one run of the model leaves behind is there in the next.
    for (int round = 0; round < 2; round++) {
      tidied = new ArrayList<>();
      peak = 0;
      for (int i = 0; i < runs.size(); i++) {
        Run run = runs.get(i);
        long weights = kept;
        for (Unit unit : units.subList(run.from(), run.to())) {
          weights += run.stays() ? 0 : unit.weights();
        }
        BitSet with = (BitSet) used.clone();
        with.or(pages.get(i));
        long excess = Math.ceilDiv(weights + problem.slabBytes(with) - left, Pages.SIZE);
        BitSet released = released(pages, i, used, excess);
        BitSet brought = (BitSet) pages.get(i).clone();
        brought.andNot(used);
        with.andNot(released);
        used = with;
        peak = Math.max(peak, weights + problem.slabBytes(used));
        tidied.add(new Run(run.from(), run.to(), run.stays(), released, brought));
      }
    }
    return new BudgetPlan(tidied, peak, problem.weightBytes() - kept);
  }

  private BitSet pages(Run run) {
    BitSet pages = new BitSet();
    units
        .subList(run.from(), run.to())
        .forEach(unit -> pages.or(slabStays ? allPages : unit.pages()));
    return pages;
  }

  /** So many of the used pages that a run does not need: those that will be needed last. */
  private static BitSet released(List<BitSet> pages, int at, BitSet used, long count) {
    BitSet spare = (BitSet) used.clone();
    spare.andNot(pages.get(at));
    BitSet released = new BitSet();
    for (int distance = pages.size() - 1; distance > 0 && count > 0; distance--) {
      // Of what is left of the spare pages, those that no nearer run needs.
      BitSet last = (BitSet) spare.clone();
      for (int nearer = 1; nearer < distance; nearer++) {
        last.andNot(pages.get((at + nearer) % pages.size()));
      }
      last.andNot(released);
      for (int page = last.nextSetBit(0);
          page >= 0 && count > 0;
          page = last.nextSetBit(page + 1)) {
        released.set(page);
        count--;
      }
    }
    return released;
  }
}
