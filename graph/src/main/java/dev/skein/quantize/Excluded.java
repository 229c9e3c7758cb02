package dev.skein.quantize;

import dev.skein.graph.Node;
import dev.skein.rewrite.Scope;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The nodes that options leave out. */
final class Excluded {
  private final Scope scope;
  private final Set<String> words;
  private final @Nullable Node first;
  private final @Nullable Node last;

  Excluded(Scope scope, Set<String> words) {
    this.scope = scope;
    this.words = words;
    List<Node> layers =
        scope.nodes().stream()
            .filter(node -> Operators.of(scope, node) == Operators.LAYER)
            .filter(node -> scope.floats(node.input(1)) != null)
            .toList();
    this.first = layers.isEmpty() ? null : layers.getFirst();
    this.last = layers.isEmpty() ? null : layers.getLast();
  }

  @SuppressWarnings("ReferenceEquality") // Equal nodes may stand at several places of a graph.
  boolean is(Node node) {
    return words.contains(node.name())
        || words.contains(node.op())
        || node.makes().stream().anyMatch(words::contains)
        || (node == first && words.contains(QuantizationOptions.FIRST_LAYER))
        || (node == last && words.contains(QuantizationOptions.LAST_LAYER))
        || (words.contains(QuantizationOptions.DEPTHWISE) && Operators.isDepthwise(scope, node));
  }
}
