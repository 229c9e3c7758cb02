package dev.skein.plan;

import java.util.List;

/**
 * Exact search for the plan of least latency where something is scarce. Partial plans (labels) are
 * extended stage by stage, from the first position to the last; one that cannot beat the best plan
 * so far by the relaxation's bound, or that another at the same place dominates (no dearer, nothing
 * used up further), is dropped. At most {@code width} go on from each position, those of least
 * bound: a sweep that dropped none for that reason has proved its result.
 */
final class Sweep {
  /** Whether the devices not used yet could finish from a position; a sound "no" prunes. */
  @FunctionalInterface
  interface CanFinish {
    CanFinish UNKNOWN = (used, offset, last, position) -> true;

    /**
     * @param used what has been used of each device, from {@code offset} on
     * @param last a device that is used up too
     */
    boolean from(long[] used, int offset, int last, int position);
  }

  private final Limit limit;
  private final Instance instance;
  private final Chain chain;
  private final Scarcity scarcity;
  private final CanFinish canFinish;
  private final int n;

  private final Labels labels;
  private final Pool[] pools;

  private Prices prices;

  private int expansions;

  private double best = Instance.NEVER;
  private List<Stage> plan = List.of();

  Sweep(Limit limit, Scarcity scarcity, CanFinish canFinish, Prices prices) {
    this.prices = prices;
    this.limit = limit;
    this.instance = limit.instance();
    this.chain = instance.chain();
    this.scarcity = scarcity;
    this.canFinish = canFinish;
    this.n = instance.devices();
    this.labels = new Labels(n);
    this.pools = new Pool[instance.segments()];
    for (int p = 0; p < pools.length; p++) {
      pools[p] = new Pool();
    }
  }

  /** Least cost found or offered; {@link #plan} costs that. */
  double best() {
    return best;
  }

  /** Empty if none was found. */
  List<Stage> plan() {
    return plan;
  }

  int expansions() {
    return expansions;
  }

  void offer(List<Stage> stages, double cost) {
    if (cost < best) {
      best = cost;
      plan = stages;
    }
  }

  /** Bounds for the passes to come. */
  void use(Prices sharper) {
    prices = sharper;
  }

  /**
   * One pass.
   *
   * @param width most labels extended from each position
   * @param most expansions after which, counting those of earlier passes, it gives up
   * @return whether {@link #plan} is now proven to be the best, or that there is none if empty
   */
  boolean run(int width, int most) {
    labels.clear();
    for (Pool pool : pools) {
      pool.clear(2 * width);
    }
    for (int d = 0; d < n; d++) {
      pools[0].offer(prices.relaxation().arrival(d) + enter(d, 0) - prices.offset(), d);
    }
    boolean complete = true;
    for (int p = 0; p < pools.length; p++) {
      int first = labels.count;
      complete &= settle(p, first, width);
      int last = labels.count;
      for (int label = first; label < last; label++) {
        if (expansions++ >= most) {
          return false;
        }
        expand(label);
      }
    }
    return complete;
  }

  private double enter(int d, int p) {
    return prices.relaxation().enter[p * n + d];
  }

  /**
   * Makes labels of the proposals at p that are worth it; whether it left out none for the width.
   */
  private boolean settle(int p, int first, int width) {
    Pool pool = pools[p];
    long[] keys = pool.sorted();
    for (int k = 0; k < pool.size() && Pool.bound(keys[k]) < best; k++) {
      int label = p == 0 ? start(Pool.id(keys[k])) : arrive(Pool.id(keys[k]), p);
      if (dominated(label, first)) {
        labels.removeLast();
      } else if (label - first == width) {
        labels.removeLast();
        return false;
      }
    }
    return !pool.overflowed();
  }

  private int start(int d) {
    int label = labels.add(Labels.NONE, d, 0);
    long free = 0;
    for (long capacity : scarcity.capacity()) {
      free = Math.min(free + capacity, 1L << 61);
    }
    labels.free[label] = free;
    labels.distinct[label] = 1;
    labels.cost[label] = prices.relaxation().arrival(d);
    labels.priced[label] = labels.cost[label];
    return label;
  }

  private int arrive(int id, int p) {
    int from = id / n;
    int to = id % n;
    int d = labels.device[from];
    int label = labels.add(from, to, p);
    long use = scarcity.use(labels.position[from], p);
    labels.used[label * n + d] += use;
    labels.free[label] = labels.free[from] - use;
    labels.distinct[label] = labels.distinct[from] + (labels.used[label * n + to] == 0 ? 1 : 0);
    double more = stage(from, p) + instance.transferMillis(p, d, to);
    labels.cost[label] = labels.cost[from] + more;
    labels.priced[label] = labels.priced[from] + more + prices.of(d, use);
    return label;
  }

  private double stage(int label, int end) {
    return instance.stageMillis(labels.device[label], labels.position[label], end)
        + prices.perStage();
  }

  private boolean dominated(int label, int first) {
    for (int other = first; other < label; other++) {
      if (labels.device[other] == labels.device[label]
          && labels.cost[other] <= labels.cost[label]
          && usesNoMore(other, label)) {
        return true;
      }
    }
    return false;
  }

  private boolean usesNoMore(int other, int label) {
    for (int d = 0; d < n; d++) {
      if (labels.used[other * n + d] > labels.used[label * n + d] && scarcity.matters(d)) {
        return false;
      }
    }
    return true;
  }

  private void expand(int label) {
    int d = labels.device[label];
    int from = labels.position[label];
    int furthest = limit.reach()[d][from];
    long left = scarcity.capacity()[d] - labels.used[label * n + d];
    double slowness = instance.fleet().slowness[d];
    double price = scarcity.once() ? 0 : prices.perByte()[d];
    double[] leaving = prices.relaxation().leave;
    double entered =
        labels.priced[label] - prices.offset() + stage(label, from) + prices.perEntry()[d];
    long peak = 0;
    for (int end = from + 1; end <= furthest; end++) {
      peak = Math.max(peak, chain.activations[end - 1]);
      long use = scarcity.once() ? 1 : Math.max(1, chain.weights[end] - chain.weights[from] + peak);
      if (use > left) {
        break;
      }
      double time = slowness * (chain.millis[end] - chain.millis[from]);
      double bound = entered + time + price * use;
      double leave = leaving[end * n + d];
      if (bound + leave < best && limit.allowsStage(d, from, end)) {
        if (end == pools.length) {
          finish(label, leave);
        } else if (bound + leave >= pools[end].threshold()) {
          pools[end].turnAway();
        } else if (mayLeave(label, end, use)) {
          propose(label, end, bound);
        }
      }
    }
  }

  private void finish(int label, double leave) {
    double cost = labels.cost[label] + stage(label, pools.length) + leave;
    if (cost < best) {
      best = cost;
      plan = labels.stages(label, pools.length);
    }
  }

  private boolean mayLeave(int label, int end, long use) {
    return (scarcity.once() || labels.free[label] - use >= chain.weightsFrom(end))
        && canFinish.from(labels.used, label * n, labels.device[label], end);
  }

  private void propose(int label, int end, double bound) {
    Pool pool = pools[end];
    int d = labels.device[label];
    long use = scarcity.use(end, end + 1);
    boolean mayWiden = labels.distinct[label] < scarcity.maxDevices();
    double[] entering = prices.relaxation().enter;
    for (int to = 0; to < n; to++) {
      double least = bound + entering[end * n + to];
      if (least < best && to != d && limit.allowsTransfer(end, d, to)) {
        double total = least + instance.transferMillis(end, d, to);
        long used = labels.used[label * n + to];
        if (total < best && (used != 0 || mayWiden) && used + use <= scarcity.capacity()[to]) {
          pool.offer(total, label * n + to);
        }
      }
    }
  }
}
