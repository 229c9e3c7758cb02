package dev.skein.plan;

import java.util.Arrays;
import java.util.List;

/**
 * Prices on what is scarce that make the relaxation's bound sharp: subgradient steps on the
 * Lagrangian dual (Held, Wolfe, Crowder 1974; step length after Polyak 1969; directions smoothed).
 * A plan met on the way that keeps to what there is goes to the sweep.
 */
final class Pricing {
  /**
   * How far above the best bound so far a step aims at first, and what is left of it on failure.
   */
  private static final double AMBITION = 0.3;

  private static final double RESTRAINT = 0.6;
  private static final int PATIENCE = 3;
  private static final double MEMORY = 0.5;

  private final Limit limit;
  private final Instance instance;
  private final Scarcity scarcity;
  private final Relaxation relaxation;
  private final double perStage;

  /** What all a device has is worth, in milliseconds. */
  private final double[] worth;

  private final double[] direction;

  Pricing(Limit limit, Scarcity scarcity, Relaxation relaxation, double perStage) {
    this.limit = limit;
    this.instance = limit.instance();
    this.scarcity = scarcity;
    this.relaxation = relaxation;
    this.perStage = perStage;
    worth = new double[instance.devices()];
    direction = new double[instance.devices()];
  }

  /** Everything free. */
  Prices none() {
    return prices(new double[worth.length]);
  }

  /** The worth of all that each device has, in milliseconds, under the last prices. */
  double[] worth() {
    return worth.clone();
  }

  /** Prices to start from; the relaxation comes back solved under them. */
  void start(double[] values) {
    System.arraycopy(values, 0, worth, 0, worth.length);
    solve(worth);
  }

  /** The relaxation comes back solved under the prices returned. */
  Prices search(Sweep sweep, int steps) {
    double[] bestWorth = worth.clone();
    double bestBound = prices(worth).bound();
    double bound = bestBound;
    double ambition = AMBITION;
    int stale = 0;
    for (int k = 0; k < steps && bestBound < sweep.best(); k++) {
      List<Stage> stages = relaxation.stages();
      if (scarcity.allows(stages) && limit.allowsStages(stages)) {
        sweep.offer(stages, instance.latencyMillis(stages));
      }
      double square = turn(overuse(stages));
      if (square == 0) {
        break;
      }
      double goal = Math.min(sweep.best(), bestBound * (1 + ambition));
      for (int d = 0; d < worth.length; d++) {
        worth[d] = Math.max(0, worth[d] + (goal - bound) / square * direction[d]);
      }
      bound = solve(worth).bound();
      stale++;
      if (bound > bestBound) {
        bestBound = bound;
        bestWorth = worth.clone();
        stale = 0;
      } else if (stale == PATIENCE) {
        ambition *= RESTRAINT;
        stale = 0;
      }
    }
    if (!Arrays.equals(worth, bestWorth)) {
      start(bestWorth);
    }
    return prices(bestWorth);
  }

  private Prices solve(double[] values) {
    Prices prices = prices(values);
    relaxation.price(prices.perByte(), prices.perEntry());
    relaxation.solve();
    return prices;
  }

  private Prices prices(double[] values) {
    double[] perByte = new double[values.length];
    double[] perEntry = new double[values.length];
    double[] per = scarcity.once() ? perEntry : perByte;
    double offset = 0;
    for (int d = 0; d < values.length; d++) {
      per[d] = values[d] == 0 ? 0 : values[d] / scarcity.capacity()[d];
      offset += values[d];
    }
    return new Prices(relaxation, perByte, perEntry, offset, perStage, scarcity.once());
  }

  /** By how much each device is overused, as a share of what it has. */
  private double[] overuse(List<Stage> stages) {
    double[] share = new double[worth.length];
    for (Stage stage : stages) {
      share[stage.device()] += scarcity.use(stage.from(), stage.to());
    }
    for (int d = 0; d < share.length; d++) {
      long capacity = scarcity.capacity()[d];
      share[d] = !scarcity.binding()[d] || capacity == 0 ? 0 : share[d] / capacity - 1;
    }
    return share;
  }

  /** Turns the direction towards the slope, never below a price of 0; gives its square. */
  private double turn(double[] slope) {
    double square = 0;
    for (int d = 0; d < slope.length; d++) {
      direction[d] = slope[d] + MEMORY * direction[d];
      if (worth[d] == 0 && direction[d] < 0) {
        direction[d] = 0;
      }
      square += direction[d] * direction[d];
    }
    return square;
  }
}
