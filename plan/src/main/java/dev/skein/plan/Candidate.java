package dev.skein.plan;

import dev.skein.cost.ChainCosts;
import dev.skein.cost.SegmentCost;
import java.util.List;

/**
 * A plan worth looking at.
 *
 * @param devices names, by stage
 * @param bytesMoved between devices for one request, input and answer included
 */
public record Candidate(Plan plan, List<String> devices, long bytesMoved) {
  public Candidate {
    devices = List.copyOf(devices);
  }

  static Candidate of(Plan plan, ChainCosts costs, Swarm swarm) {
    List<Stage> stages = plan.stages();
    long bytes = 0;
    int at = swarm.requester();
    for (Stage stage : stages) {
      bytes += stage.device() == at ? 0 : costs.cutBytes(stage.from());
      at = stage.device();
    }
    bytes += at == swarm.requester() ? 0 : costs.cutBytes(costs.segments().size());
    return new Candidate(
        plan, stages.stream().map(stage -> swarm.name(stage.device())).toList(), bytes);
  }

  /** Weights that a stage's device has to hold. */
  public static long weightBytes(Stage stage, ChainCosts costs) {
    return costs.segments().subList(stage.from(), stage.to()).stream()
        .mapToLong(SegmentCost::weightBytes)
        .sum();
  }

  double score(Goal goal) {
    return switch (goal) {
      case LATENCY -> plan.latencyMillis();
      case THROUGHPUT -> plan.bottleneckMillis();
    };
  }
}
