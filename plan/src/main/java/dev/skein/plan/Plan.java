package dev.skein.plan;

import java.util.List;

/**
 * Who runs what, in order, and what that is predicted to take.
 *
 * @param latencyMillis from a request to its answer, nothing else going on
 * @param bottleneckMillis time that the busiest device or link spends on each request
 * @param optimal whether the planner has proved that no plan is better for its goal
 */
public record Plan(
    List<Stage> stages, double latencyMillis, double bottleneckMillis, boolean optimal) {
  public Plan {
    stages = List.copyOf(stages);
  }

  /** Devices at work, each counted once. */
  public int deviceCount() {
    return (int) stages.stream().mapToInt(Stage::device).distinct().count();
  }

  /** Requests per second once the pipeline is full. */
  public double requestsPerSecond() {
    return 1000 / bottleneckMillis;
  }
}
