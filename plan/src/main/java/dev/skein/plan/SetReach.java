package dev.skein.plan;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether a pipeline exists in which no device is used twice and nothing exceeds a limit: exact,
 * for few devices. Depth first over (devices used, last device, position), no state twice. What
 * prunes is the earliest position from which each set of devices could finish if every transfer
 * allowed to anyone were allowed to all: O(2^devices × devices).
 */
final class SetReach implements Sweep.CanFinish {
  static final int MAX_DEVICES = 12;

  private final Limit limit;
  private final Instance instance;
  private final int maxDevices;
  private final int n;
  private final int m;

  /** {@code [from * n + to]}: cuts whose transfer is allowed. */
  private final boolean[][] links;

  /** {@code [device][p]}: whether a stage may start (end) at p, by any link. */
  private final boolean[][] entries;

  private final boolean[][] exits;

  /** {@code [set]}: the earliest position from which the set could finish; m if none. */
  private final int[] finish;

  private final long[] visited;
  private final List<Stage> path = new ArrayList<>();
  private int steps;

  /** Enough for any case met; keeps the time bounded in cases that never were. */
  private static final int MAX_STEPS = 200_000;

  SetReach(Limit limit, int maxDevices) {
    this.limit = limit;
    this.instance = limit.instance();
    this.maxDevices = maxDevices;
    n = instance.devices();
    m = instance.segments();
    links = new boolean[n * n][m + 1];
    entries = new boolean[n][m + 1];
    exits = new boolean[n][m + 1];
    int requester = instance.fleet().requester;
    for (int d = 0; d < n; d++) {
      entries[d][0] = limit.allowsTransfer(0, requester, d);
      exits[d][m] = limit.allowsTransfer(m, d, requester);
      for (int e = 0; e < n; e++) {
        link(d, e);
      }
    }
    finish = finish();
    visited = new long[((1 << n) * n * (m + 1) + 63) / 64];
  }

  private int[] finish() {
    int[][] back = new int[n][];
    for (int d = 0; d < n; d++) {
      back[d] = back(d);
    }
    int[] finish = new int[1 << n];
    finish[0] = m;
    for (int set = 1; set < finish.length; set++) {
      int earliest = m;
      for (int rest = set; rest != 0; rest &= rest - 1) {
        int d = Integer.numberOfTrailingZeros(rest);
        earliest = Math.min(earliest, back[d][finish[set & ~(1 << d)]]);
      }
      finish[set] = earliest;
    }
    return finish;
  }

  private void link(int from, int to) {
    Fleet fleet = instance.fleet();
    if (from == to || fleet.delay[fleet.at(from, to)] == Instance.NEVER) {
      return;
    }
    double rate = fleet.perByte[fleet.at(from, to)];
    double most = limit.millis();
    boolean[] link = links[from * n + to];
    for (int p = 1; p < m; p++) {
      if (instance.chain().cutBytes[p] * rate <= most) {
        link[p] = true;
        exits[from][p] = true;
        entries[to][p] = true;
      }
    }
  }

  /**
   * {@code [p]}: the earliest start of a stage of d that ends at p or later; p if there is none.
   */
  private int[] back(int d) {
    int[] reach = limit.reach()[d];
    int[] back = new int[m + 1];
    int start = 0;
    int exit = 0;
    for (int p = 0; p <= m; p++) {
      exit = Math.max(exit, p);
      while (exit <= m && !exits[d][exit]) {
        exit++;
      }
      while (start < p && !(entries[d][start] && reach[start] >= exit)) {
        start++;
      }
      back[p] = exit > m ? p : start;
    }
    return back;
  }

  /** Stages that keep the limit, or none. */
  List<Stage> find() {
    return finish[(1 << n) - 1] == 0 && descend(0, instance.fleet().requester, 0)
        ? List.copyOf(path)
        : List.of();
  }

  /** Whether it gave up: then finding none proves nothing. */
  boolean gaveUp() {
    return steps > MAX_STEPS;
  }

  private boolean descend(int set, int last, int p) {
    steps++;
    for (int d = 0; d < n && steps <= MAX_STEPS; d++) {
      if ((set >> d & 1) == 0 && (p == 0 ? entries[d][0] : links[last * n + d][p])) {
        if (tryDevice(set | 1 << d, d, p)) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean tryDevice(int set, int d, int p) {
    int furthest = limit.reach()[d][p];
    if (furthest == m && exits[d][m]) {
      path.add(new Stage(d, p, m));
      return true;
    }
    if (Integer.bitCount(set) == maxDevices) {
      return false;
    }
    int nearest = Math.max(p + 1, finish[((1 << n) - 1) & ~set]);
    for (int end = Math.min(furthest, m - 1); end >= nearest; end--) {
      if (exits[d][end] && limit.allowsStage(d, p, end) && visit(set, d, end)) {
        path.add(new Stage(d, p, end));
        if (descend(set, d, end)) {
          return true;
        }
        path.removeLast();
      }
    }
    return false;
  }

  private boolean visit(int set, int d, int p) {
    int bit = (set * n + d) * (m + 1) + p;
    boolean fresh = (visited[bit >> 6] >> bit & 1) == 0;
    visited[bit >> 6] |= 1L << bit;
    return fresh;
  }

  @Override
  public boolean from(long[] used, int offset, int last, int position) {
    int free = 0;
    for (int d = 0; d < n; d++) {
      free |= used[offset + d] == 0 && d != last ? 1 << d : 0;
    }
    return finish[free] <= position;
  }
}
