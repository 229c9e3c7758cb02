package dev.skein.plan;

import java.util.List;

/**
 * What stages and transfers may be if no bottleneck is to exceed {@code millis}.
 *
 * @param reach {@code [device][s]}: the furthest position a stage from s on can end at within the
 *     device's memory and the limit; s if not even one segment fits; never falls as s grows
 */
@SuppressWarnings("ArrayRecordComponent") // internal, never written after
record Limit(Instance instance, double millis, int[][] reach) {
  /** No limit but memory. */
  static Limit none(Instance instance) {
    return new Limit(instance, Instance.NEVER, instance.reach());
  }

  static Limit of(Instance instance, double millis) {
    int segments = instance.segments();
    int[][] reach = new int[instance.devices()][segments + 1];
    for (int d = 0; d < reach.length; d++) {
      int[] memory = instance.reach()[d];
      int to = 0;
      for (int s = 0; s <= segments; s++) {
        to = Math.max(to, s);
        while (to < memory[s] && instance.stageMillis(d, s, to + 1) <= millis) {
          to++;
        }
        reach[d][s] = to;
      }
    }
    return new Limit(instance, millis, reach);
  }

  boolean allowsTransfer(int cut, int from, int to) {
    double occupancy = instance.occupancyMillis(cut, from, to);
    return occupancy <= millis && occupancy < Instance.NEVER;
  }

  /**
   * A requester in the middle of the pipeline sends and receives twice through its one access link:
   * the request and what its stage makes, what its stage needs and the answer.
   */
  boolean allowsStage(int device, int from, int to) {
    if (device != instance.fleet().requester || from == 0 || to == instance.segments()) {
      return true;
    }
    return allowsEntry(from) && allowsExit(to);
  }

  boolean allowsStages(List<Stage> stages) {
    return stages.stream().allMatch(s -> allowsStage(s.device(), s.from(), s.to()));
  }

  private boolean allowsEntry(int from) {
    long[] bytes = instance.chain().cutBytes;
    Fleet fleet = instance.fleet();
    return millis == Instance.NEVER
        || (bytes[from] + bytes[instance.segments()]) * fleet.perByteIn[fleet.requester] <= millis;
  }

  private boolean allowsExit(int to) {
    long[] bytes = instance.chain().cutBytes;
    Fleet fleet = instance.fleet();
    return millis == Instance.NEVER
        || (bytes[0] + bytes[to]) * fleet.perByteOut[fleet.requester] <= millis;
  }
}
