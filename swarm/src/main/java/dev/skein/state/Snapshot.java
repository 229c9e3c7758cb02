package dev.skein.state;

import dev.skein.plan.Swarm;
import java.util.List;

/**
 * A swarm as planners see it, and who is meant.
 *
 * @param nodes node ids by the planner's device index
 */
public record Snapshot(Swarm swarm, List<String> nodes) {
  public Snapshot {
    nodes = List.copyOf(nodes);
  }
}
