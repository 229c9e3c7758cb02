package dev.skein.plan;

import dev.skein.cost.DeviceProfile;
import dev.skein.cost.LinkProfile;
import dev.skein.cost.SegmentCost;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Every plan there is, valued by the plainest reading of the model: an oracle for small problems.
 */
final class BruteForce {
  private static final double SAME = 1e-9;

  private final Problem problem;
  private final Goal goal;
  private final int maxDevices;
  private final int[] owner;
  private @Nullable Valued best;

  record Valued(List<Stage> stages, double latency, double bottleneck, int devices) {}

  private BruteForce(Problem problem, Goal goal, int maxDevices) {
    this.problem = problem;
    this.goal = goal;
    this.maxDevices = maxDevices;
    this.owner = new int[problem.costs().segments().size()];
  }

  /** The best plan, or null if none fits. */
  static @Nullable Valued best(Problem problem, Goal goal, int maxDevices) {
    BruteForce search = new BruteForce(problem, goal, maxDevices);
    search.assign(0);
    return search.best;
  }

  private void assign(int segment) {
    if (segment == owner.length) {
      consider();
      return;
    }
    for (int d = 0; d < problem.swarm().devices().size(); d++) {
      if (goal == Goal.LATENCY || !isBack(segment, d)) {
        owner[segment] = d;
        assign(segment + 1);
      }
    }
  }

  /** Whether d would run a second stage. */
  private boolean isBack(int segment, int d) {
    return segment > 0
        && owner[segment - 1] != d
        && Arrays.stream(owner, 0, segment).anyMatch(before -> before == d);
  }

  private void consider() {
    List<Stage> stages = new ArrayList<>();
    for (int from = 0; from < owner.length; ) {
      int to = from;
      while (to < owner.length && owner[to] == owner[from]) {
        to++;
      }
      stages.add(new Stage(owner[from], from, to));
      from = to;
    }
    Set<Integer> devices = new HashSet<>();
    stages.forEach(stage -> devices.add(stage.device()));
    if (devices.size() > maxDevices || !fits(stages)) {
      return;
    }
    Valued plan = new Valued(stages, latency(stages), bottleneck(stages), devices.size());
    if (plan.latency < Double.POSITIVE_INFINITY && (best == null || better(plan, best))) {
      best = plan;
    }
  }

  private boolean better(Valued a, Valued b) {
    if (goal == Goal.THROUGHPUT && !same(a.bottleneck, b.bottleneck)) {
      return a.bottleneck < b.bottleneck;
    }
    if (!same(a.latency, b.latency)) {
      return a.latency < b.latency;
    }
    return goal == Goal.THROUGHPUT ? a.devices < b.devices : a.stages.size() < b.stages.size();
  }

  static boolean same(double a, double b) {
    return a == b || Math.abs(a - b) <= SAME * Math.max(a, b);
  }

  private boolean fits(List<Stage> stages) {
    long[] used = new long[problem.swarm().devices().size()];
    for (Stage stage : stages) {
      long peak = 0;
      for (SegmentCost segment : segments(stage)) {
        used[stage.device()] += segment.weightBytes();
        peak = Math.max(peak, segment.activationBytes());
      }
      used[stage.device()] += peak;
    }
    for (int d = 0; d < used.length; d++) {
      if (used[d] > problem.swarm().devices().get(d).memoryBytes()) {
        return false;
      }
    }
    return true;
  }

  private List<SegmentCost> segments(Stage stage) {
    return problem.costs().segments().subList(stage.from(), stage.to());
  }

  private double compute(Stage stage) {
    DeviceProfile device = problem.swarm().devices().get(stage.device());
    double sum = segments(stage).stream().mapToDouble(SegmentCost::referenceMillis).sum();
    return device.overheadMillis() + device.slowness() * sum;
  }

  private record Transfer(int from, int to, long bytes) {}

  private List<Transfer> transfers(List<Stage> stages) {
    List<Transfer> transfers = new ArrayList<>();
    int at = problem.swarm().requester();
    for (Stage stage : stages) {
      transfers.add(new Transfer(at, stage.device(), problem.costs().cutBytes(stage.from())));
      at = stage.device();
    }
    transfers.add(
        new Transfer(at, problem.swarm().requester(), problem.costs().cutBytes(owner.length)));
    transfers.removeIf(transfer -> transfer.from == transfer.to);
    return transfers;
  }

  private double latency(List<Stage> stages) {
    double sum = stages.stream().mapToDouble(this::compute).sum();
    for (Transfer transfer : transfers(stages)) {
      LinkProfile link = problem.swarm().link(transfer.from, transfer.to);
      sum +=
          link == null
              ? Double.POSITIVE_INFINITY
              : link.latencyMillis() + 1000 * transfer.bytes / link.bytesPerSecond();
    }
    return sum;
  }

  private double bottleneck(List<Stage> stages) {
    int n = problem.swarm().devices().size() + 1;
    double[] computing = new double[n];
    double[][] link = new double[n][n];
    double[] out = new double[n];
    double[] in = new double[n];
    for (Stage stage : stages) {
      computing[stage.device()] += compute(stage);
    }
    for (Transfer transfer : transfers(stages)) {
      LinkProfile way = problem.swarm().link(transfer.from, transfer.to);
      if (way == null) {
        return Double.POSITIVE_INFINITY;
      }
      link[transfer.from][transfer.to] += 1000 * transfer.bytes / way.bytesPerSecond();
      out[transfer.from] += 1000 * transfer.bytes / fastest(transfer.from, true);
      in[transfer.to] += 1000 * transfer.bytes / fastest(transfer.to, false);
    }
    double most = 0;
    for (int a = 0; a < n; a++) {
      most = Math.max(most, Math.max(computing[a], Math.max(out[a], in[a])));
      for (int b = 0; b < n; b++) {
        most = Math.max(most, link[a][b]);
      }
    }
    return most;
  }

  private double fastest(int end, boolean sending) {
    int n = problem.swarm().devices().size();
    int others = problem.swarm().requester() == n ? n + 1 : n;
    double best = 0;
    for (int other = 0; other < others; other++) {
      LinkProfile link =
          sending ? problem.swarm().link(end, other) : problem.swarm().link(other, end);
      if (other != end && link != null) {
        best = Math.max(best, link.bytesPerSecond());
      }
    }
    return best;
  }
}
