package dev.skein.plan;

import java.util.List;
import java.util.stream.IntStream;

/** Least latency, then fewest stages. */
final class LatencyPlan {
  /** With more devices than this, only the most promising take part in a search. */
  private static final int MANY = 32;

  private static final int PROMISING = 24;

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
    List<Stage> known = single.isEmpty() ? anyFit() : single;
    LeastLatency.Outcome found =
        instance.devices() > MANY ? among(promising(search), known) : search.search(known);
    if (found.stages().isEmpty() && !found.proven() && instance.devices() <= MANY) {
      found = search(instance, effort.times(LAST_RESORT)).solve(known);
    }
    return plan(found);
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
        ? new BeamReach(none, maxDevices, instance.devices()).find()
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

  private LeastLatency.Outcome among(List<Promise> devices, List<Stage> known) {
    int[] chosen = devices.stream().limit(PROMISING).mapToInt(Promise::device).toArray();
    Subset few = Subset.of(instance, chosen);
    List<Stage> single = Singles.best(few.instance(), Goal.LATENCY);
    LeastLatency.Outcome found = search(few.instance(), effort).solve(single);
    List<Stage> stages = few.outside(found.stages());
    double latency = stages.isEmpty() ? Instance.NEVER : instance.latencyMillis(stages);
    boolean better = known.isEmpty() || latency < instance.latencyMillis(known);
    boolean proven = found.proven() && devices.get(PROMISING).bound() >= latency;
    return new LeastLatency.Outcome(better ? stages : known, better && proven);
  }
}
