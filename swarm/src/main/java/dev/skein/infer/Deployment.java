package dev.skein.infer;

import dev.skein.plan.Plan;
import java.util.List;
import java.util.Set;

/**
 * A plan that its nodes have made ready.
 *
 * @param nodes node id by stage
 * @param plan with the prediction that the measured stages give
 */
public record Deployment(String id, Plan plan, List<String> nodes) {
  public Deployment {
    nodes = List.copyOf(nodes);
  }

  boolean uses(String node) {
    return nodes.contains(node);
  }

  /** Whether the same nodes hold the same segments. */
  boolean sameStages(Deployment other) {
    return nodes.equals(other.nodes) && ranges().equals(other.ranges());
  }

  Deployment with(Plan other) {
    return new Deployment(id, other, nodes);
  }

  private List<Range> ranges() {
    return plan.stages().stream().map(stage -> new Range(stage.from(), stage.to())).toList();
  }

  private record Range(int from, int to) {}

  Set<String> distinctNodes() {
    return Set.copyOf(nodes);
  }
}
