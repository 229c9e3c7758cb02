package dev.skein.plan;

import java.util.Arrays;
import java.util.List;

/**
 * The plan of least latency within a limit on each stage and transfer, what devices have of
 * something scarce, and a bounded effort. First the relaxation alone (enough where nothing is
 * scarce); then prices on what is scarce, by subgradient steps (Held, Wolfe, Crowder 1974, with
 * Polyak's step length); then ever wider sweeps.
 */
final class LeastLatency {
  /** Next to any real difference nothing: only decides between plans of equal latency. */
  private static final double TIE = 1e-12;

  private static final int FIRST_WIDTH = 4;
  private static final int WIDENING = 4;

  private final Limit limit;
  private final Instance instance;
  private final Scarcity scarcity;
  private final Sweep.CanFinish canFinish;
  private final Effort effort;
  private final double[] least;

  /**
   * How long to search: a matter of steps, so that equal inputs give equal plans.
   *
   * @param priceSteps solutions of the relaxation spent on finding prices
   * @param expansions labels extended in all sweeps together
   */
  record Effort(int priceSteps, int expansions) {}

  /**
   * @param stages empty if none was found
   * @param proven whether nothing is better
   */
  record Outcome(List<Stage> stages, boolean proven) {}

  LeastLatency(Limit limit, Scarcity scarcity, Sweep.CanFinish canFinish, Effort effort) {
    this.limit = limit;
    this.instance = limit.instance();
    this.scarcity = scarcity;
    this.canFinish = canFinish;
    this.effort = effort;
    this.least = leastBefore(instance);
  }

  /** Cost that the way to each position has at the least. */
  static double[] leastBefore(Instance instance) {
    double arrival = Instance.NEVER;
    double slowness = Instance.NEVER;
    for (int d = 0; d < instance.devices(); d++) {
      arrival = Math.min(arrival, instance.transferMillis(0, instance.fleet().requester, d));
      slowness = Math.min(slowness, instance.fleet().slowness[d]);
    }
    double[] least = new double[instance.segments() + 1];
    for (int p = 0; p < least.length; p++) {
      least[p] = arrival + slowness * instance.chain().millis[p];
    }
    return least;
  }

  /**
   * @param known a plan within all limits to start from; empty if none is known
   */
  Outcome solve(List<Stage> known) {
    double cap = known.isEmpty() ? Instance.NEVER : instance.latencyMillis(known);
    Relaxation free = new Relaxation(limit, TIE * instance.chain().totalMillis());
    free.solve(least, cap * (1 + 1e-9));
    double bound = free.cost();
    if (bound >= cap) {
      return new Outcome(known, !known.isEmpty() || bound == Instance.NEVER);
    }
    List<Stage> relaxed = free.stages();
    if (scarcity.allows(relaxed) && allowsStages(relaxed)) {
      return new Outcome(relaxed, true);
    }
    double[] none = new double[instance.devices()];
    Prices unpriced = prices(free, none);
    Sweep sweep = new Sweep(limit, scarcity, canFinish, unpriced);
    sweep.offer(known, cap);
    boolean proven = sweep.run(unpriced, FIRST_WIDTH, effort.expansions());
    if (!proven) {
      Prices priced = search(sweep, unpriced);
      proven = priced.bound() >= sweep.best();
      int width = FIRST_WIDTH;
      while (!proven && sweep.expansions() < effort.expansions()) {
        width *= WIDENING;
        proven = sweep.run(priced, width, effort.expansions());
      }
    }
    return new Outcome(sweep.plan(), proven);
  }

  private boolean allowsStages(List<Stage> stages) {
    return stages.stream().allMatch(s -> limit.allowsStage(s.device(), s.from(), s.to()));
  }

  /** Prices whose bound is near the best; plans met on the way are offered to the sweep. */
  private Prices search(Sweep sweep, Prices unpriced) {
    Relaxation relaxation = unpriced.relaxation();
    int n = instance.devices();
    double[] worth = new double[n];
    double[] bestWorth = worth.clone();
    double bestBound = unpriced.bound();
    double goal = sweep.best() < Instance.NEVER ? sweep.best() : 1.5 * bestBound;
    double step = 1;
    int stale = 0;
    for (int k = 0; k < effort.priceSteps() && bestBound < sweep.best(); k++) {
      List<Stage> stages = relaxation.stages();
      if (scarcity.allows(stages) && allowsStages(stages)) {
        sweep.offer(stages, instance.latencyMillis(stages));
      }
      double[] slope = slope(stages, worth);
      double square = Arrays.stream(slope).map(s -> s * s).sum();
      if (square == 0) {
        break;
      }
      double bound = prices(relaxation, worth).bound();
      double length = step * Math.max(goal - bound, 1e-3 * goal) / square;
      for (int d = 0; d < n; d++) {
        worth[d] = Math.max(0, worth[d] + length * slope[d]);
      }
      Prices next = solve(relaxation, worth);
      stale++;
      if (next.bound() > bestBound) {
        bestBound = next.bound();
        bestWorth = worth.clone();
        stale = 0;
      } else if (stale == 3) {
        step /= 2;
        stale = 0;
      }
      goal = Math.min(goal, sweep.best());
    }
    return solve(relaxation, bestWorth);
  }

  /** By how much each device is overused, as a share of what it has; 0 where that is no matter. */
  private double[] slope(List<Stage> stages, double[] worth) {
    double[] slope = new double[worth.length];
    for (Stage stage : stages) {
      Chain chain = instance.chain();
      slope[stage.device()] +=
          scarcity.once()
              ? 1
              : chain.weights[stage.to()]
                  - chain.weights[stage.from()]
                  + chain.activations[stage.from()];
    }
    for (int d = 0; d < slope.length; d++) {
      long capacity = scarcity.capacity()[d];
      boolean idle = slope[d] <= capacity && worth[d] == 0;
      slope[d] = !scarcity.binding()[d] || capacity == 0 || idle ? 0 : slope[d] / capacity - 1;
    }
    return slope;
  }

  private Prices solve(Relaxation relaxation, double[] worth) {
    Prices prices = prices(relaxation, worth);
    relaxation.price(prices.perByte(), prices.perEntry());
    relaxation.solve(least, Instance.NEVER);
    return prices;
  }

  /** A device's worth is the price of all it has. */
  private Prices prices(Relaxation relaxation, double[] worth) {
    int n = worth.length;
    double[] perByte = new double[n];
    double[] perEntry = new double[n];
    double offset = 0;
    for (int d = 0; d < n; d++) {
      double[] per = scarcity.once() ? perEntry : perByte;
      per[d] = worth[d] == 0 ? 0 : worth[d] / scarcity.capacity()[d];
      offset += worth[d];
    }
    double perStage = TIE * instance.chain().totalMillis();
    return new Prices(relaxation, perByte, perEntry, offset, perStage, scarcity.once());
  }
}
