package dev.skein.state;

import dev.skein.cost.LinkProfile;

/** Everything that can change the picture of a swarm. */
public sealed interface SwarmEvent {
  String node();

  record Joined(String node, String name) implements SwarmEvent {}

  record Left(String node) implements SwarmEvent {}

  /** Still a member, but it does not answer: no work goes there until it is trusted again. */
  record Suspected(String node) implements SwarmEvent {}

  record Trusted(String node) implements SwarmEvent {}

  /**
   * @param slowness milliseconds that the node takes per millisecond on the reference device
   * @param memoryBytes what the node offers to models
   */
  record DeviceMeasured(String node, double slowness, long memoryBytes) implements SwarmEvent {}

  record LinkMeasured(String node, String to, LinkProfile link) implements SwarmEvent {}

  /**
   * A stage has really run: better evidence of a node's slowness than its calibration.
   *
   * @param referenceMillis what the stage takes on the reference device
   * @param measuredMillis what it took on the node
   */
  record StageMeasured(String node, double referenceMillis, double measuredMillis)
      implements SwarmEvent {}
}
