package dev.skein.plan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Looks for a pipeline in which no device is used twice and nothing exceeds a limit, where there
 * are too many devices for an exact answer: stage by stage, keeping the few partial pipelines that
 * have wasted least of what the strongest devices could compute within the limit. What it finds is
 * right; what it does not find may exist.
 */
final class BeamReach {
  private static final int WIDTH = 16;

  /** How many of the furthest ends of a stage are tried. */
  private static final int ENDS = 2;

  private final Limit limit;
  private final Instance instance;
  private final int maxDevices;
  private final int m;
  private final double[] capacity;
  private final int[] strongest;

  /**
   * A partial pipeline.
   *
   * @param hope reference milliseconds done and what all devices not used yet could do
   */
  private record Partial(@Nullable Partial before, Stage stage, double hope) {
    boolean uses(int device) {
      for (Partial at = this; at != null; at = at.before) {
        if (at.stage.device() == device) {
          return true;
        }
      }
      return false;
    }

    List<Stage> stages() {
      List<Stage> stages = new ArrayList<>();
      for (Partial at = this; at != null; at = at.before) {
        stages.add(at.stage);
      }
      Collections.reverse(stages);
      return stages;
    }
  }

  /**
   * @param most how many devices to consider: those that can do most within the limit
   */
  BeamReach(Limit limit, int maxDevices, int most) {
    this.limit = limit;
    this.instance = limit.instance();
    this.maxDevices = maxDevices;
    int n = instance.devices();
    m = instance.segments();
    capacity = new double[n];
    for (int d = 0; d < n; d++) {
      for (int s = 0; s < m; s++) {
        capacity[d] = Math.max(capacity[d], millis(s, limit.reach()[d][s]));
      }
    }
    strongest =
        IntStream.range(0, n)
            .filter(d -> capacity[d] > 0)
            .boxed()
            .sorted(Comparator.comparingDouble(d -> -capacity[d]))
            .limit(most)
            .mapToInt(Integer::intValue)
            .toArray();
  }

  /** Stages that keep the limit, or none. */
  List<Stage> find() {
    double all = 0;
    for (int d : strongest) {
      all += capacity[d];
    }
    List<Partial> beam = new ArrayList<>();
    extend(null, instance.fleet().requester, 0, all, beam);
    for (int devices = 1; !beam.isEmpty(); devices++) {
      for (Partial partial : beam) {
        if (partial.stage.to() == m) {
          return partial.stages();
        }
      }
      List<Partial> next = new ArrayList<>();
      for (Partial partial : devices < maxDevices ? select(beam) : List.<Partial>of()) {
        extend(partial, partial.stage.device(), partial.stage.to(), partial.hope, next);
      }
      beam = next;
    }
    return List.of();
  }

  private double millis(int from, int to) {
    return instance.chain().millis[to] - instance.chain().millis[from];
  }

  /** The best of a beam, one for each place. */
  private static List<Partial> select(List<Partial> beam) {
    beam.sort(Comparator.comparingDouble(partial -> -partial.hope));
    Set<List<Integer>> places = new HashSet<>();
    return beam.stream()
        .filter(partial -> places.add(List.of(partial.stage.device(), partial.stage.to())))
        .limit(WIDTH)
        .toList();
  }

  private void extend(@Nullable Partial partial, int at, int p, double hope, List<Partial> out) {
    for (int d : strongest) {
      if ((partial == null || !partial.uses(d)) && limit.allowsTransfer(p, at, d)) {
        int tried = 0;
        for (int end = limit.reach()[d][p]; end > p && tried < ENDS; end--) {
          double left = hope - capacity[d] + millis(p, end);
          boolean hopeless = left < instance.chain().totalMillis() * (1 - 1e-9);
          if (hopeless && end < m) {
            break;
          }
          if (limit.allowsStage(d, p, end) && mayLeave(d, end)) {
            out.add(new Partial(partial, new Stage(d, p, end), left));
            tried++;
          }
        }
      }
    }
  }

  private boolean mayLeave(int device, int end) {
    if (end == m) {
      return limit.allowsTransfer(m, device, instance.fleet().requester);
    }
    return instance.chain().cutBytes[end] * instance.fleet().perByteOut[device] <= limit.millis();
  }
}
