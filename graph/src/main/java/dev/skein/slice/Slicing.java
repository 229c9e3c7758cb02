package dev.skein.slice;

import dev.skein.graph.Node;
import java.util.List;

/**
 * Nodes of a graph taken apart.
 *
 * @param nodes what the pieces replace, in the graph's order
 * @param pieces in the order in which {@code merge} takes their results
 * @param output the value that the pieces make together
 */
public record Slicing(Axis axis, List<Node> nodes, List<Piece> pieces, Merge merge, String output) {
  public Slicing {
    nodes = List.copyOf(nodes);
    pieces = List.copyOf(pieces);
  }
}
