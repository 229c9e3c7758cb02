package dev.skein.plan;

import java.util.Arrays;
import java.util.List;

/**
 * Exact search for the plan of least latency where something is scarce. Labels are extended from
 * the first position to the last; one that cannot beat the best plan so far by the relaxation's
 * bound, or that another at the same place dominates (no dearer, nothing used up further), is
 * dropped. At most {@code width} labels go on from each position: a sweep that dropped none for
 * that reason has proved its result.
 */
final class Sweep {
  /** Whether the devices not used yet could finish from a position; a sound "no" prunes. */
  @FunctionalInterface
  interface CanFinish {
    boolean from(long[] used, int position);
  }

  private final Limit limit;
  private final Instance instance;
  private final Scarcity scarcity;
  private final CanFinish canFinish;
  private final double perStage;
  private final int n;

  private final Labels labels;
  private final long[] used;
  private long[] order = new long[64];
  private int[] kept = new int[64];

  private Prices prices;
  private boolean complete;
  private int expansions;

  private double best = Instance.NEVER;
  private List<Stage> plan = List.of();

  Sweep(Limit limit, Scarcity scarcity, CanFinish canFinish, Prices prices) {
    this.limit = limit;
    this.instance = limit.instance();
    this.scarcity = scarcity;
    this.canFinish = canFinish;
    this.prices = prices;
    this.perStage = prices.perStage();
    this.n = instance.devices();
    this.labels = new Labels(instance.segments() + 1);
    this.used = new long[n];
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

  /**
   * One pass.
   *
   * @param most expansions after which, counting those of earlier passes, it gives up
   * @return whether {@link #plan} is now proven to be the best, or that there is none if empty
   */
  boolean run(Prices bound, int width, int most) {
    prices = bound;
    complete = true;
    labels.clear();
    start();
    for (int p = 0; p < instance.segments() && expansions < most; p++) {
      int keep = select(p, width);
      for (int k = 0; k < keep && expansions < most; k++) {
        expand(kept[k]);
      }
    }
    return complete && expansions < most;
  }

  private void start() {
    long free = 0;
    for (long capacity : scarcity.capacity()) {
      free = Math.min(free + capacity, 1L << 61);
    }
    for (int d = 0; d < n; d++) {
      double cost = prices.relaxation().arrival(d);
      if (cost < Instance.NEVER) {
        int label = labels.add(Labels.NONE, d, 0);
        labels.cost[label] = cost;
        labels.priced[label] = cost;
        labels.free[label] = free;
        labels.distinct[label] = 1;
      }
    }
  }

  private double bound(int label) {
    int cell = labels.position[label] * n + labels.device[label];
    return labels.priced[label] + prices.relaxation().enter[cell] - prices.offset();
  }

  /** Fills {@link #kept} with the labels at p worth going on with, and says how many. */
  private int select(int p, int width) {
    int size = 0;
    for (int label = labels.firstAt(p); label != Labels.NONE; label = labels.sibling[label]) {
      double bound = bound(label);
      if (bound < best) {
        if (size == order.length) {
          order = Arrays.copyOf(order, 2 * size);
        }
        order[size++] = sortKey(bound, label);
      }
    }
    Arrays.sort(order, 0, size);
    int keep = 0;
    for (int k = 0; k < size; k++) {
      int label = (int) (order[k] & LABEL_BITS);
      if (!dominated(label, keep)) {
        if (keep == width) {
          complete = false;
          return keep;
        }
        if (keep == kept.length) {
          kept = Arrays.copyOf(kept, 2 * keep);
        }
        kept[keep++] = label;
      }
    }
    return keep;
  }

  private static final long LABEL_BITS = (1L << 24) - 1;

  /** Sorts by bound (its leading bits), labels of equal bound by age. */
  private static long sortKey(double bound, int label) {
    return (Double.doubleToRawLongBits(Math.max(0, bound)) & ~LABEL_BITS) | label;
  }

  private boolean dominated(int label, int keep) {
    boolean loaded = false;
    boolean found = false;
    for (int k = 0; k < keep && !found; k++) {
      int other = kept[k];
      if (labels.device[other] == labels.device[label]
          && labels.cost[other] <= labels.cost[label]) {
        if (!loaded) {
          count(label, 1);
          loaded = true;
        }
        found = usesNoMore(other);
      }
    }
    if (loaded) {
      count(label, -1);
    }
    return found;
  }

  /** Whether {@code other} has used up no more of anything than {@link #used} says. */
  private boolean usesNoMore(int other) {
    count(other, -1);
    boolean less = true;
    for (int at = labels.parent[other]; at != Labels.NONE && less; at = labels.parent[at]) {
      int d = labels.device[at];
      less = used[d] >= 0 || !scarcity.matters(d);
    }
    count(other, 1);
    return less;
  }

  /** Adds (or takes away) what a label's past used to {@link #used}. */
  private void count(int label, int sign) {
    int end = labels.position[label];
    for (int at = labels.parent[label]; at != Labels.NONE; at = labels.parent[at]) {
      used[labels.device[at]] += sign * scarcity.use(labels.position[at], end);
      end = labels.position[at];
    }
  }

  private void expand(int label) {
    expansions++;
    count(label, 1);
    int d = labels.device[label];
    int from = labels.position[label];
    long left = scarcity.capacity()[d] - used[d];
    for (int end = from + 1; end <= limit.reach()[d][from]; end++) {
      long use = scarcity.use(from, end);
      if (use > left) {
        break;
      }
      if (limit.allowsStage(d, from, end)) {
        used[d] += use;
        extend(label, end, use);
        used[d] -= use;
      }
    }
    count(label, -1);
  }

  private void extend(int label, int end, long use) {
    int d = labels.device[label];
    double stage = instance.stageMillis(d, labels.position[label], end) + perStage;
    double cost = labels.cost[label] + stage;
    double leave = prices.relaxation().leave[end * n + d];
    if (end == instance.segments()) {
      if (cost + leave < best) {
        best = cost + leave;
        plan = labels.stages(label, end);
      }
      return;
    }
    double priced = labels.priced[label] + stage + prices.of(d, use);
    long free = labels.free[label] - use;
    if (priced + leave - prices.offset() >= best
        || (!scarcity.once() && free < instance.chain().weightsFrom(end))
        || !canFinish.from(used, end)) {
      return;
    }
    for (int next = 0; next < n; next++) {
      double after = prices.relaxation().enter[end * n + next];
      if (next != d && priced + after - prices.offset() < best && mayTurnTo(label, next, end)) {
        double transfer = instance.transferMillis(end, d, next);
        if (priced + transfer + after - prices.offset() < best
            && limit.allowsTransfer(end, d, next)) {
          int child = labels.add(label, next, end);
          labels.cost[child] = cost + transfer;
          labels.priced[child] = priced + transfer;
          labels.free[child] = free;
          labels.distinct[child] = labels.distinct[label] + (used[next] == 0 ? 1 : 0);
        }
      }
    }
  }

  private boolean mayTurnTo(int label, int next, int end) {
    boolean fresh = used[next] == 0;
    return used[next] + scarcity.use(end, end + 1) <= scarcity.capacity()[next]
        && (!fresh || labels.distinct[label] < scarcity.maxDevices());
  }
}
