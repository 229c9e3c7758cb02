package dev.skein.plan;

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

  /** Chains of at least so many segments are first looked at in groups. */
  private static final int LONG = 48;

  private static final int GROUP = 6;
  private static final int FIRST_WIDTH = 4;

  /** Wide enough to prove what can be proved. */
  private static final int PROOF_WIDTH = 1 << 12;

  /** A plan so little above the lower bound is worth trying to prove. */
  private static final double NEARLY = 1.06;

  private static final int WIDENING = 4;

  private final Limit limit;
  private final Instance instance;
  private final Scarcity scarcity;
  private final Sweep.CanFinish canFinish;
  private final Effort effort;
  private final double perStage;
  private final Relaxation relaxation;

  /**
   * How long to search: a matter of steps, so that equal inputs give equal plans.
   *
   * @param coarseSteps solutions of a coarser relaxation spent on finding prices
   * @param priceSteps solutions of the relaxation spent on improving them
   * @param expansions labels extended in all sweeps together
   */
  record Effort(int coarseSteps, int priceSteps, int expansions) {
    static final Effort USUAL = new Effort(24, 2, 400);

    Effort times(int factor) {
      return factor == 1
          ? this
          : new Effort(
              2 * coarseSteps,
              Math.min(100, priceSteps * factor),
              Math.multiplyExact(expansions, factor));
    }
  }

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
    this.perStage = TIE * instance.chain().totalMillis();
    this.relaxation = new Relaxation(limit, perStage);
  }

  /**
   * Only the relaxation: enough where nothing is scarce.
   *
   * @param known a plan within all limits to start from; empty if none is known
   */
  Outcome relax(List<Stage> known) {
    double cost = known.isEmpty() ? Instance.NEVER : instance.latencyMillis(known);
    relaxation.cap(cost * (1 + 1e-9));
    relaxation.solve();
    double bound = relaxation.cost();
    if (bound >= cost || bound == Instance.NEVER) {
      return new Outcome(known, true);
    }
    List<Stage> stages = relaxation.stages();
    boolean fits = scarcity.allows(stages) && limit.allowsStages(stages);
    return fits ? new Outcome(stages, true) : new Outcome(known, false);
  }

  /** After {@link #relax}: no plan with a part for the device is faster than this. */
  double boundWith(int device) {
    return relaxation.costWith(device);
  }

  /**
   * @param known a plan within all limits to start from; empty if none is known
   */
  Outcome solve(List<Stage> known) {
    Outcome relaxed = relax(known);
    return relaxed.proven() ? relaxed : search(known);
  }

  /** After {@link #relax}, from a plan as good or better. */
  Outcome search(List<Stage> known) {
    Pricing pricing = new Pricing(limit, scarcity, relaxation, perStage);
    Sweep sweep = new Sweep(limit, scarcity, canFinish, pricing.none());
    if (!known.isEmpty()) {
      sweep.offer(known, instance.latencyMillis(known));
    }
    int steps = effort.priceSteps();
    if (!scarcity.once() && instance.segments() >= LONG) {
      pricing.start(coarseWorth(sweep.best()));
    } else if (!scarcity.once()) {
      steps += effort.coarseSteps();
    }
    Prices prices = pricing.search(sweep, steps);
    sweep.use(prices);
    boolean proven = prices.bound() >= sweep.best();
    int left = effort.expansions();
    for (int next = FIRST_WIDTH; !proven && left >= instance.segments(); next *= WIDENING) {
      int affordable = left / instance.segments();
      int width = next * WIDENING > affordable ? affordable : next;
      int spent = sweep.expansions();
      proven = sweep.run(width, Integer.MAX_VALUE);
      left -= Math.max(instance.segments(), sweep.expansions() - spent);
      proven |= prices.bound() >= sweep.best();
      if (!proven && (scarcity.once() || sweep.best() <= prices.bound() * NEARLY)) {
        int more = scarcity.once() ? effort.expansions() : effort.expansions() / 2;
        proven = sweep.run(PROOF_WIDTH, sweep.expansions() + more);
      }
    }
    return new Outcome(sweep.plan(), proven);
  }

  /** What a few more steps start from: found where each step is several times cheaper. */
  private double[] coarseWorth(double best) {
    Instance coarse = instance.coarse(GROUP);
    Limit wide = Limit.of(coarse, limit.millis());
    Scarcity memory = Scarcity.memory(coarse, scarcity.maxDevices());
    Relaxation relaxation = new Relaxation(wide, 0);
    relaxation.solve();
    Pricing pricing = new Pricing(wide, memory, relaxation, 0);
    if (relaxation.cost() < Instance.NEVER) {
      Sweep sweep = new Sweep(wide, memory, canFinish, pricing.none());
      sweep.offer(List.of(), best);
      pricing.search(sweep, effort.coarseSteps());
    }
    return pricing.worth();
  }
}
