package dev.skein.plan;

import java.util.List;
import java.util.stream.IntStream;

/** Least latency, then fewest stages. */
final class LatencyPlan {
  /** With more devices than this, only the most promising take part in a search. */
  private static final int MANY = 32;

  private static final int PROMISING = 24;

  /** How many devices are considered when all that is asked for is a place for everything. */
  private static final int MOST_TO_FIT = 128;

  /** How much longer to search before saying that nothing was found. */
  private static final int LAST_RESORT = 50;

  private final Instance instance;
  private final int maxDevices;
  private final LeastLatency.Effort effort;

  LatencyPlan(Instance instance, int maxDevices, LeastLatency.Effort effort) {
    this.instance = instance;
    this.maxDevices = maxDevices;
    this.effort = effort;
  }

  Plan best(List<Stage> single) {
    LeastLatency search = search(instance, effort);
    LeastLatency.Outcome easy = search.relax(single);
    if (easy.proven()) {
      return plan(easy);
    }
    LeastLatency.Outcome found =
        instance.devices() > MANY
            ? amongPromising(promising(search), single)
            : amongAll(search, single.isEmpty() ? anyFit() : single);
    return plan(found);
  }

  private LeastLatency.Outcome amongAll(LeastLatency search, List<Stage> known) {
    LeastLatency.Outcome found = search.search(known);
    return found.stages().isEmpty() && !found.proven()
        ? search(instance, effort.times(LAST_RESORT)).solve(known)
        : found;
  }

  private Plan plan(LeastLatency.Outcome outcome) {
    if (outcome.stages().isEmpty()) {
      throw Misfit.of(instance, outcome.proven());
    }
    return instance.plan(outcome.stages(), outcome.proven());
  }

  private LeastLatency search(Instance among, LeastLatency.Effort effort) {
    Scarcity memory = Scarcity.memory(among, maxDevices);
    return new LeastLatency(Limit.none(among), memory, Sweep.CanFinish.UNKNOWN, effort);
  }

  /** Some plan within everyone's memory, if one is easily found. */
  private List<Stage> anyFit() {
    Limit none = Limit.none(instance);
    return instance.devices() > SetReach.MAX_DEVICES
        ? new BeamReach(none, maxDevices, MOST_TO_FIT).find()
        : new SetReach(none, maxDevices).find();
  }

  private record Promise(int device, double bound) {}

  /** Devices by the least latency that any plan with a part for them could have. */
  private List<Promise> promising(LeastLatency search) {
    return IntStream.range(0, instance.devices())
        .mapToObj(d -> new Promise(d, search.boundWith(d)))
        .sorted((a, b) -> Double.compare(a.bound(), b.bound()))
        .toList();
  }

  private LeastLatency.Outcome amongPromising(List<Promise> devices, List<Stage> single) {
    int[] chosen = devices.stream().limit(PROMISING).mapToInt(Promise::device).toArray();
    Subset few = Subset.of(instance, chosen);
    List<Stage> known = Singles.best(few.instance(), Goal.LATENCY);
    LeastLatency.Outcome found = search(few.instance(), effort).solve(known);
    if (found.stages().isEmpty()) {
      return new LeastLatency.Outcome(single.isEmpty() ? anyFit() : single, false);
    }
    List<Stage> stages = few.outside(found.stages());
    double latency = instance.latencyMillis(stages);
    if (!single.isEmpty() && instance.latencyMillis(single) <= latency) {
      return new LeastLatency.Outcome(single, false);
    }
    boolean othersSlower = devices.get(PROMISING).bound() >= latency;
    return new LeastLatency.Outcome(stages, found.proven() && othersSlower);
  }
}
