package dev.skein.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The cheapest way to finish from any position on any device when a device may come back as often
 * as it likes, each time with all of its memory: a lower bound on every plan. A price on what is
 * scarce (Lagrange multipliers) makes coming back dearer and the bound sharper.
 *
 * <p>Backward over positions. A stage's best end is a sliding-window minimum, since the furthest
 * end never falls as the start grows: O(segments × devices²), or, with memory at a price,
 * O(segments × devices × (devices + segments in a stage)).
 */
final class Relaxation {
  /** {@code [p * devices + d]}: least cost from cut p's arrival on d until the answer is back. */
  final double[] enter;

  /** Least cost from the end, at p, of a stage on d. */
  final double[] leave;

  private final Instance instance;
  private final Limit limit;
  private final Fleet fleet;
  private final Chain chain;
  private final int n;
  private final int m;
  private final double perStage;
  private final double[] perByte;
  private final double[] perEntry;

  /** {@code [d][end]}: {@link #leave} plus what d spends on all segments before the end. */
  private final double[][] value;

  /** By device, ends in reach whose value is below that of all nearer ones, furthest first. */
  private final int[][] queue;

  private final int[] head;
  private final int[] tail;

  private double cap = Instance.NEVER;

  /** Of any arrival of the request; of any device. */
  private double leastArrival;

  private double leastSlowness;

  /**
   * @param perStage added for each stage, to prefer fewer where times are equal
   */
  Relaxation(Limit limit, double perStage) {
    this.limit = limit;
    this.perStage = perStage;
    instance = limit.instance();
    fleet = instance.fleet();
    chain = instance.chain();
    n = instance.devices();
    m = instance.segments();
    enter = new double[(m + 1) * n];
    leave = new double[(m + 1) * n];
    value = new double[n][m + 1];
    perByte = new double[n];
    perEntry = new double[n];
    queue = new int[n][m + 1];
    head = new int[n];
    tail = new int[n];
    Arrays.fill(enter, m * n, (m + 1) * n, Instance.NEVER);
    for (int d = 0; d < n; d++) {
      leave[m * n + d] =
          limit.allowsTransfer(m, d, fleet.requester)
              ? instance.transferMillis(m, d, fleet.requester)
              : Instance.NEVER;
    }
  }

  /** Ways of at least this cost altogether need not be found, as long as nothing has a price. */
  void cap(double cost) {
    cap = cost;
    leastArrival = Instance.NEVER;
    leastSlowness = Instance.NEVER;
    for (int d = 0; d < n; d++) {
      leastArrival = Math.min(leastArrival, arrival(d));
      leastSlowness = Math.min(leastSlowness, fleet.slowness[d]);
    }
  }

  /** Prices of a byte of memory and of a stage, by device. */
  void price(double[] bytes, double[] entries) {
    System.arraycopy(bytes, 0, perByte, 0, n);
    System.arraycopy(entries, 0, perEntry, 0, n);
    cap = Instance.NEVER;
  }

  /** Fills both tables. */
  void solve() {
    Arrays.fill(head, 0);
    Arrays.fill(tail, 0);
    for (int p = m - 1; p >= 0; p--) {
      for (int d = 0; d < n; d++) {
        push(d, p + 1);
        double best = perByte[d] > 0 ? bestPriced(d, p) : bestFree(d, p);
        double entry = fleet.overhead[d] + perStage + perEntry[d];
        enter[p * n + d] = entry + best - spent(d, p);
      }
      if (p > 0) {
        leave(p);
      }
    }
  }

  private double spent(int d, int p) {
    return fleet.slowness[d] * chain.millis[p] + perByte[d] * chain.weights[p];
  }

  private void push(int d, int end) {
    double[] values = value[d];
    double here = leave[end * n + d] + spent(d, end);
    values[end] = here;
    if (perByte[d] == 0) {
      int[] ends = queue[d];
      int last = tail[d];
      while (last > head[d] && values[ends[last - 1]] >= here) {
        last--;
      }
      ends[last] = end;
      tail[d] = last + 1;
    }
  }

  private double bestFree(int d, int p) {
    int furthest = limit.reach()[d][p];
    while (tail[d] > head[d] && queue[d][head[d]] > furthest) {
      head[d]++;
    }
    return tail[d] == head[d] ? Instance.NEVER : value[d][queue[d][head[d]]];
  }

  /** With memory at a price the peak of the activations counts: no sliding minimum. */
  private double bestPriced(int d, int p) {
    int furthest = limit.reach()[d][p];
    double[] values = value[d];
    long[] activations = chain.activations;
    double price = perByte[d];
    double best = Instance.NEVER;
    long peak = 0;
    for (int end = p + 1; end <= furthest; end++) {
      peak = Math.max(peak, activations[end - 1]);
      double cost = values[end] + price * peak;
      if (cost < best) {
        best = cost;
      }
    }
    return best;
  }

  private void leave(int p) {
    int row = p * n;
    Arrays.fill(leave, row, row + n, Instance.NEVER);
    double most =
        cap == Instance.NEVER ? cap : cap - leastArrival - leastSlowness * chain.millis[p];
    double bytes = chain.cutBytes[p];
    for (int to = 0; to < n; to++) {
      if (enter[row + to] < most) {
        if (limit.millis() == Instance.NEVER) {
          relax(row, to, bytes);
        } else {
          relaxWithinLimit(row, to, bytes);
        }
      }
    }
  }

  private void relax(int row, int to, double bytes) {
    double after = enter[row + to];
    int links = fleet.at(0, to);
    double[] delay = fleet.delay;
    double[] rate = fleet.perByte;
    double[] best = leave;
    for (int from = 0; from < n; from++) {
      double cost = after + (delay[links + from] + bytes * rate[links + from]);
      if (cost < best[row + from]) {
        best[row + from] = cost;
      }
    }
  }

  private void relaxWithinLimit(int row, int to, double bytes) {
    double after = enter[row + to];
    int links = fleet.at(0, to);
    for (int from = 0; from < n; from++) {
      double busy = bytes * fleet.perByte[links + from];
      if (busy <= limit.millis()) {
        double cost = after + (fleet.delay[links + from] + busy);
        leave[row + from] = Math.min(leave[row + from], cost);
      }
    }
  }

  /** Cost of the whole from the request on: the lower bound. */
  double cost() {
    double best = Instance.NEVER;
    for (int d = 0; d < n; d++) {
      best = Math.min(best, arrival(d) + enter[d]);
    }
    return best;
  }

  /** After {@link #cap}: no way with a stage on d costs less. */
  double costWith(int d) {
    double best = Instance.NEVER;
    for (int p = 0; p < m; p++) {
      double before = p == 0 ? arrival(d) : leastArrival + leastSlowness * chain.millis[p];
      best = Math.min(best, before + enter[p * n + d]);
    }
    return best;
  }

  double arrival(int d) {
    return limit.allowsTransfer(0, fleet.requester, d)
        ? instance.transferMillis(0, fleet.requester, d)
        : Instance.NEVER;
  }

  /** The stages that cost what {@link #cost} says; only to be called where that is finite. */
  List<Stage> stages() {
    List<Stage> stages = new ArrayList<>();
    int device = 0;
    for (int d = 1; d < n; d++) {
      device = arrival(d) + enter[d] < arrival(device) + enter[device] ? d : device;
    }
    for (int p = 0; p < m; ) {
      int end = end(device, p);
      stages.add(new Stage(device, p, end));
      device = next(device, end);
      p = end;
    }
    return stages;
  }

  private int end(int d, int p) {
    int best = p + 1;
    double least = Instance.NEVER;
    long peak = 0;
    for (int end = p + 1; end <= limit.reach()[d][p]; end++) {
      peak = Math.max(peak, chain.activations[end - 1]);
      double cost = value[d][end] + perByte[d] * peak;
      best = cost <= least ? end : best;
      least = Math.min(least, cost);
    }
    return best;
  }

  private int next(int from, int p) {
    int best = from;
    double least = Instance.NEVER;
    for (int to = 0; p < m && to < n; to++) {
      if (to != from && limit.allowsTransfer(p, from, to)) {
        double cost = enter[p * n + to] + instance.transferMillis(p, from, to);
        best = cost < least ? to : best;
        least = Math.min(least, cost);
      }
    }
    return best;
  }
}
