package dev.skein.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.graph.Graph;
import dev.skein.graph.Node;
import dev.skein.tensor.ElementType;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlabTest {
  @Test
  void aChainNeedsTwoPlaces() {
    Graph graph =
        graph(
            Node.of("Conv", List.of("x"), List.of("a")),
            Node.of("Conv", List.of("a"), List.of("b")),
            Node.of("Conv", List.of("b"), List.of("c")),
            Node.of("Conv", List.of("c"), List.of("y")));
    Slab slab = Slab.plan(graph, Map.of("a", 640L, "b", 640L, "c", 640L), new BitSet());
    assertThat(slab.bytes()).isEqualTo(1280);
  }

  @Test
  void whatIsComputedInPlaceNeedsNoneOfItsOwn() {
    Graph graph =
        graph(
            Node.of("Conv", List.of("x"), List.of("a")),
            Node.of("Relu", List.of("a"), List.of("b")),
            Node.of("Flatten", List.of("b"), List.of("c")),
            Node.of("Gemm", List.of("c"), List.of("y")));
    Slab slab = Slab.plan(graph, Map.of("a", 640L, "b", 640L, "c", 640L), new BitSet());
    assertThat(slab.bytes()).isEqualTo(640);
  }

  @Test
  void isNotOverwrittenWhileSomebodyElseMayStillReadIt() {
    Graph graph =
        graph(
            Node.of("Conv", List.of("x"), List.of("a")),
            Node.of("Relu", List.of("a"), List.of("b")),
            Node.of("Conv", List.of("a"), List.of("c")),
            Node.of("Add", List.of("b", "c"), List.of("y")));
    Slab slab = Slab.plan(graph, Map.of("a", 640L, "b", 640L, "c", 640L), new BitSet());
    assertThat(Set.copyOf(slab.offsets().values())).hasSize(3);
  }

  @Test
  void aValueSeenThroughOneOfUnknownSizeLivesOn() {
    Graph graph =
        graph(
            Node.of("Conv", List.of("x"), List.of("a")),
            Node.of("Reshape", List.of("a", "s"), List.of("view")),
            Node.of("Conv", List.of("a"), List.of("b")),
            Node.of("Conv", List.of("b"), List.of("c")),
            Node.of("Mul", List.of("view", "c"), List.of("y")));
    Slab slab = Slab.plan(graph, Map.of("a", 640L, "b", 640L, "c", 640L), new BitSet());
    assertThat(slab.offsets().get("c")).isNotEqualTo(slab.offsets().get("a"));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void anyOrderOfRandomGraphsIsSafe(long seed) {
    Random random = new Random(seed);
    List<Node> nodes = new ArrayList<>();
    List<String> values = new ArrayList<>(List.of("x"));
    Map<String, Long> bytes = new HashMap<>();
    for (int i = 0; i < 30; i++) {
      Set<String> reads = new HashSet<>();
      for (int j = 0; j <= random.nextInt(3); j++) {
        reads.add(values.get(Math.max(0, values.size() - 1 - random.nextInt(6))));
      }
      String op = List.of("Conv", "Relu", "Add", "Reshape", "Concat").get(random.nextInt(5));
      nodes.add(Node.of(op, List.copyOf(reads), List.of("v" + i)));
      values.add("v" + i);
      bytes.put("v" + i, 64L * (1 + random.nextInt(3)));
    }
    nodes.add(Node.of("Concat", values.subList(28, 31), List.of("y")));
    Slab slab = Slab.plan(graph(nodes.toArray(Node[]::new)), bytes, new BitSet());
    for (int round = 0; round < 20; round++) {
      run(shuffled(nodes, random), slab, bytes);
    }
  }

  /** Runs with memory that knows whose value it holds; a value read must still be there. */
  private static void run(List<Node> order, Slab slab, Map<String, Long> bytes) {
    Map<Long, String> memory = new HashMap<>();
    Map<String, String> contents = new HashMap<>();
    for (Node node : order) {
      for (String input : node.inputs()) {
        for (long at = 0; at < bytes.getOrDefault(input, 0L); at += 64) {
          assertThat(memory).containsEntry(slab.offsets().get(input) + at, contents.get(input));
        }
      }
      String output = node.outputs().getFirst();
      boolean view = node.op().equals("Reshape");
      String first = node.inputs().getFirst();
      boolean shares =
          view
              && slab.offsets().containsKey(first)
              && slab.offsets().get(first).equals(slab.offsets().get(output))
              && bytes.get(first).equals(bytes.get(output));
      contents.put(output, shares ? contents.get(first) : output);
      for (long at = 0; at < bytes.getOrDefault(output, 0L); at += 64) {
        memory.put(slab.offsets().get(output) + at, contents.get(output));
      }
    }
  }

  private static List<Node> shuffled(List<Node> nodes, Random random) {
    List<Node> left = new ArrayList<>(nodes);
    List<Node> order = new ArrayList<>();
    Set<String> known = new HashSet<>(List.of("x"));
    while (!left.isEmpty()) {
      List<Node> ready = left.stream().filter(n -> known.containsAll(n.inputs())).toList();
      Node next = ready.get(random.nextInt(ready.size()));
      left.remove(next);
      order.add(next);
      known.addAll(next.outputs());
    }
    return order;
  }

  private static Graph graph(Node... nodes) {
    return Graphs.model(
            List.of(Graphs.input("x", ElementType.FLOAT, 1)),
            List.of(Graphs.input("y", ElementType.FLOAT, 1)),
            nodes)
        .graph();
  }
}
