package dev.skein.rewrite;

import dev.skein.graph.Flow;
import dev.skein.graph.Graph;
import dev.skein.graph.Node;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The nodes of a graph by what they depend on (CrowdHMTware, section III-B2, second stage).
 *
 * @param dynamic what depends on the caller's inputs, through a body's captures too, or on chance;
 *     also operators of domains that are not known to give equal results for equal inputs
 * @param constant all others: their outputs are the same in every run
 */
public record Classification(Set<Node> dynamic, Set<Node> constant) {
  private static final Set<String> DOMAINS = Set.of("", "ai.onnx", "ai.onnx.ml", "com.microsoft");

  public Classification {
    dynamic = Collections.unmodifiableSet(new LinkedHashSet<>(dynamic));
    constant = Collections.unmodifiableSet(new LinkedHashSet<>(constant));
  }

  /** Both sets in graph order. An input with a default counts as a constant. */
  public static Classification of(Graph graph) {
    Set<String> moving = new HashSet<>();
    graph.requiredInputs().forEach(input -> moving.add(input.name()));
    Set<Node> dynamic = new LinkedHashSet<>();
    Set<Node> constant = new LinkedHashSet<>();
    for (Node node : graph.nodes()) {
      if (!isRepeatable(node) || node.reads().stream().anyMatch(moving::contains)) {
        dynamic.add(node);
        moving.addAll(node.makes());
      } else {
        constant.add(node);
      }
    }
    return new Classification(dynamic, constant);
  }

  /** Whether equal inputs give equal results. */
  static boolean isRepeatable(Node node) {
    return DOMAINS.contains(node.domain())
        && !Flow.isRandom(node)
        && node.bodies().stream()
            .flatMap(body -> body.nodes().stream())
            .allMatch(Classification::isRepeatable);
  }
}
