package dev.skein.graph;

import java.util.List;

/**
 * A frontier: what has to be kept of the first {@code position} nodes, in the graph's own order, to
 * run the others.
 *
 * @param values alive there, in the order in which they are made; graph inputs that are read later
 *     and graph outputs made earlier are among them, constants are not. The last cut of a graph has
 *     the graph's outputs, each once.
 */
public record Cut(int position, List<String> values) {
  public Cut {
    values = List.copyOf(values);
  }
}
