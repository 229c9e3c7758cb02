package dev.skein.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The cheapest way to finish from any position on any device when a device may come back as often
 * as it likes, each time with all of its memory: a lower bound on every plan. A price on what is
 * scarce (Lagrange multipliers) makes coming back dearer and the bound sharper.
 *
 * <p>Backward over positions; a stage's best end is a sliding-window minimum, since the furthest
 * end never falls as the start grows. O(segments × devices²).
 */
final class Relaxation {
  /** {@code [p * devices + d]}: least cost from cut p's arrival on d until the answer is back. */
  final double[] enter;

  /** Least cost from the end, at p, of a stage on d. */
  final double[] leave;

  private final Instance instance;
  private final Limit limit;
  private final double perStage;
  private final double[] perByte;
  private final double[] perEntry;
  private final int[][] queue;
  private final int[] head;
  private final int[] tail;
  private final double[] value;

  /**
   * @param perStage added for each stage, to prefer fewer where times are equal
   */
  Relaxation(Limit limit, double perStage) {
    this.limit = limit;
    this.instance = limit.instance();
    this.perStage = perStage;
    int n = instance.devices();
    int cuts = instance.segments() + 1;
    enter = new double[cuts * n];
    leave = new double[cuts * n];
    value = new double[cuts * n];
    perByte = new double[n];
    perEntry = new double[n];
    queue = new int[n][cuts];
    head = new int[n];
    tail = new int[n];
  }

  /** Prices of a byte of memory and of a stage, by device. */
  void price(double[] bytes, double[] entries) {
    System.arraycopy(bytes, 0, perByte, 0, perByte.length);
    System.arraycopy(entries, 0, perEntry, 0, perEntry.length);
  }

  /**
   * Fills both tables.
   *
   * @param least cost that the way to each position has at the least
   * @param cap ways of at least this cost altogether need not be found
   */
  void solve(double[] least, double cap) {
    int n = instance.devices();
    int m = instance.segments();
    Arrays.fill(head, 0);
    Arrays.fill(tail, 0);
    Arrays.fill(enter, m * n, (m + 1) * n, Instance.NEVER);
    for (int d = 0; d < n; d++) {
      leave[m * n + d] =
          limit.allowsTransfer(m, d, instance.fleet().requester)
              ? instance.transferMillis(m, d, instance.fleet().requester)
              : Instance.NEVER;
    }
    for (int p = m - 1; p >= 0; p--) {
      for (int d = 0; d < n; d++) {
        push(d, p + 1);
        enter[p * n + d] = bestStage(d, p);
      }
      if (p > 0) {
        leave(p, cap - least[p]);
      }
    }
  }

  private double running(int d, int p) {
    return instance.fleet().slowness[d] * instance.chain().millis[p]
        + perByte[d] * instance.chain().weights[p];
  }

  private void push(int d, int end) {
    int[] ends = queue[d];
    int n = instance.devices();
    double here = leave[end * n + d] + running(d, end);
    while (tail[d] > head[d] && value[ends[tail[d] - 1] * n + d] >= here) {
      tail[d]--;
    }
    value[end * n + d] = here;
    ends[tail[d]++] = end;
  }

  private double bestStage(int d, int p) {
    int furthest = limit.reach()[d][p];
    while (tail[d] > head[d] && queue[d][head[d]] > furthest) {
      head[d]++;
    }
    if (tail[d] == head[d]) {
      return Instance.NEVER;
    }
    double best = value[queue[d][head[d]] * instance.devices() + d];
    return entry(d, p) + best - running(d, p);
  }

  private double entry(int d, int p) {
    double memory = perByte[d] * instance.chain().activations[p];
    return instance.fleet().overhead[d] + perStage + perEntry[d] + memory;
  }

  private void leave(int p, double cap) {
    int n = instance.devices();
    int row = p * n;
    Arrays.fill(leave, row, row + n, Instance.NEVER);
    double bytes = instance.chain().cutBytes[p];
    double worst = cap;
    for (int to = 0; to < n; to++) {
      double after = enter[row + to];
      if (after < worst) {
        relax(row, after, bytes, to);
      }
    }
  }

  private void relax(int row, double after, double bytes, int to) {
    Fleet fleet = instance.fleet();
    double most = limit.millis();
    int n = fleet.devices;
    int links = fleet.at(0, to);
    double[] delay = fleet.delay;
    double[] perByteOfLink = fleet.perByte;
    if (most == Instance.NEVER) {
      for (int from = 0; from < n; from++) {
        double cost = after + delay[links + from] + bytes * perByteOfLink[links + from];
        leave[row + from] = Math.min(leave[row + from], cost);
      }
      return;
    }
    for (int from = 0; from < n; from++) {
      double busy = bytes * perByteOfLink[links + from];
      if (busy <= most) {
        leave[row + from] = Math.min(leave[row + from], after + delay[links + from] + busy);
      }
    }
  }

  /** Cost of the whole from the request on: the lower bound. */
  double cost() {
    double best = Instance.NEVER;
    for (int d = 0; d < instance.devices(); d++) {
      best = Math.min(best, arrival(d) + enter[d]);
    }
    return best;
  }

  double arrival(int d) {
    int requester = instance.fleet().requester;
    return limit.allowsTransfer(0, requester, d)
        ? instance.transferMillis(0, requester, d)
        : Instance.NEVER;
  }

  /** The stages that cost what {@link #cost} says; only to be called where that is finite. */
  List<Stage> stages() {
    int n = instance.devices();
    List<Stage> stages = new ArrayList<>();
    int device = 0;
    for (int d = 1; d < n; d++) {
      device = arrival(d) + enter[d] < arrival(device) + enter[device] ? d : device;
    }
    for (int p = 0; p < instance.segments(); ) {
      int end = end(device, p);
      stages.add(new Stage(device, p, end));
      device = next(device, end);
      p = end;
    }
    return stages;
  }

  private int end(int d, int p) {
    int n = instance.devices();
    int best = p + 1;
    for (int end = p + 2; end <= limit.reach()[d][p]; end++) {
      best = value[end * n + d] <= value[best * n + d] ? end : best;
    }
    return best;
  }

  private int next(int from, int p) {
    int n = instance.devices();
    int best = from;
    double least = Instance.NEVER;
    for (int to = 0; p < instance.segments() && to < n; to++) {
      if (to != from && limit.allowsTransfer(p, from, to)) {
        double cost = enter[p * n + to] + instance.transferMillis(p, from, to);
        best = cost < least ? to : best;
        least = Math.min(least, cost);
      }
    }
    return best;
  }
}
