package dev.skein.plan;

import dev.skein.cost.ChainCosts;
import java.util.List;

/**
 * One planning problem.
 *
 * @param reach {@code [device][s]}: the furthest position a stage from s on can end at within the
 *     device's memory; s if not even one segment fits; never falls as s grows
 */
@SuppressWarnings("ArrayRecordComponent") // internal, never written after
record Instance(Chain chain, Fleet fleet, int[][] reach) {
  static final double NEVER = Double.POSITIVE_INFINITY;

  static Instance of(ChainCosts costs, Swarm swarm) {
    return of(new Chain(costs), new Fleet(swarm));
  }

  private static Instance of(Chain chain, Fleet fleet) {
    int[][] reach = new int[fleet.devices][chain.segments + 1];
    for (int d = 0; d < fleet.devices; d++) {
      int to = 0;
      for (int s = 0; s <= chain.segments; s++) {
        to = Math.max(to, s);
        while (to < chain.segments && chain.stageBytes(s, to + 1) <= fleet.memory[d]) {
          to++;
        }
        reach[d][s] = to;
      }
    }
    return new Instance(chain, fleet, reach);
  }

  /** The same chain on the chosen devices only, renumbered in that order. */
  Instance only(int... chosen) {
    int[][] reaches = new int[chosen.length][];
    for (int d = 0; d < chosen.length; d++) {
      reaches[d] = reach[chosen[d]];
    }
    return new Instance(chain, fleet.only(chosen), reaches);
  }

  Instance coarse(int group) {
    return of(chain.coarse(group), fleet);
  }

  int segments() {
    return chain.segments;
  }

  int devices() {
    return fleet.devices;
  }

  double stageMillis(int device, int from, int to) {
    return fleet.overhead[device]
        + fleet.slowness[device] * (chain.millis[to] - chain.millis[from]);
  }

  double transferMillis(int cut, int from, int to) {
    return fleet.transferMillis(chain.cutBytes[cut], from, to);
  }

  double occupancyMillis(int cut, int from, int to) {
    return fleet.occupancyMillis(chain.cutBytes[cut], from, to);
  }

  /** Whether every device can hold all the stages given to it at once. */
  boolean fits(List<Stage> stages) {
    for (int k = 0; k < stages.size(); k++) {
      int device = stages.get(k).device();
      long used = 0;
      for (Stage stage : stages.subList(0, k + 1)) {
        used += stage.device() == device ? chain.stageBytes(stage.from(), stage.to()) : 0;
      }
      if (used > fleet.memory[device]) {
        return false;
      }
    }
    return true;
  }

  double latencyMillis(List<Stage> stages) {
    double sum = 0;
    int at = fleet.requester;
    for (Stage stage : stages) {
      sum += transferMillis(stage.from(), at, stage.device());
      sum += stageMillis(stage.device(), stage.from(), stage.to());
      at = stage.device();
    }
    return sum + transferMillis(segments(), at, fleet.requester);
  }

  Plan plan(List<Stage> stages, boolean optimal) {
    return new Plan(stages, latencyMillis(stages), Bottleneck.of(this, stages), optimal);
  }
}
