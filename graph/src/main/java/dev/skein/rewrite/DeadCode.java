package dev.skein.rewrite;

import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Nodes and weights on which no output depends.
 *
 * <pre>
 * Before: a = Op(x, v); y = Op(x, w); output y
 * After: y = Op(x, w); output y; weight v is gone
 * Conditions: no output needs the node or the weight, not through a body either. Inputs stay, and
 *   so do their defaults; single outputs that nobody reads stay with their nodes.
 * Formula: what is not needed is not computed.
 * </pre>
 */
public final class DeadCode implements Rewrite {
  @Override
  public String name() {
    return "dead-code";
  }

  @Override
  public Patch find(Scope scope) {
    Patch patch = new Patch();
    Set<String> needed = new HashSet<>();
    scope.graph().outputs().forEach(output -> needed.add(output.name()));
    scope.graph().inputs().forEach(input -> needed.add(input.name()));
    List<Node> nodes = scope.nodes();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Node node = nodes.get(i);
      if (node.makes().stream().anyMatch(needed::contains)) {
        needed.addAll(node.reads());
      } else {
        patch.remove(node);
      }
    }
    for (String weight : scope.graph().weights().keySet()) {
      if (!needed.contains(weight)) {
        patch.removeWeight(weight);
      }
    }
    return patch;
  }
}
