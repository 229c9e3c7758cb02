package dev.skein.graph;

import java.util.List;

/**
 * A run of nodes, each of which needs only the one before it: once its inputs are there, it goes
 * through on one core without waiting for anybody.
 *
 * @param id place among the graph's branches; those it comes after have smaller ones
 * @param nodes positions in the graph, rising; never empty
 * @param after ids of the branches whose outputs it reads, rising
 * @param inputs values it reads and does not make, without constants
 * @param outputs values it makes that other branches or the caller read
 */
public record Branch(
    int id, List<Integer> nodes, List<Integer> after, List<String> inputs, List<String> outputs) {
  public Branch {
    nodes = List.copyOf(nodes);
    after = List.copyOf(after);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }
}
