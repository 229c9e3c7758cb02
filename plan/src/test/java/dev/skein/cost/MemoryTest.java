package dev.skein.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.architecture.Architectures;
import dev.skein.cost.MemoryProfile.Lifetime;
import dev.skein.graph.Graph;
import dev.skein.graph.Node;
import dev.skein.graph.Opaque;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.graph.Verifier;
import dev.skein.graph.Weight;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MemoryTest {
  private final Map<String, TensorSpec> specs = new HashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private final List<String> outputs = new ArrayList<>();
  private final Map<String, Weight> weights = new LinkedHashMap<>();

  @Test
  void followsValuesFromTheirMakersToTheirLastReaders() {
    value("x", 100);
    node("a", 300, "x");
    node("b", 50, "a");
    node("c", 20, "x", "b");
    node("unread", 7, "c");
    node("d", 10, "c");
    outputs.addAll(List.of("d", "a"));
    MemoryProfile profile = MemoryProfile.of(graph(), specs);
    assertThat(profile.bytes()).containsExactly(400L, 450L, 470L, 327L, 330L);
    assertThat(profile.peak()).isEqualTo(470);
    assertThat(profile.peakNode()).isEqualTo(2);
    assertThat(profile.lifetimes())
        .containsExactly(
            new Lifetime("x", -1, 2, 100),
            new Lifetime("a", 0, 5, 300),
            new Lifetime("b", 1, 2, 50),
            new Lifetime("c", 2, 4, 20),
            new Lifetime("unread", 3, 3, 7),
            new Lifetime("d", 4, 5, 10));
  }

  @Test
  void constantsTakeNoActivationMemory() {
    value("x", 100);
    weights.put(
        "w",
        new Weight.Addressed(
            TensorType.of(ElementType.UINT8, Shape.of(9)), Shape.of(9), "0".repeat(64)));
    node("k", 1000, "w");
    node("y", 10, "x", "k");
    outputs.add("y");
    assertThat(MemoryProfile.of(graph(), specs).bytes()).containsExactly(100L, 110L);
  }

  @Test
  void aGraphWithoutNodesHoldsItsInputs() {
    value("x", 100);
    outputs.add("x");
    MemoryProfile profile = MemoryProfile.of(graph(), specs);
    assertThat(profile.peakNode()).isEqualTo(-1);
    assertThat(profile.peak()).isEqualTo(100);
    assertThat(MemoryOrder.of(graph(), specs)).isEqualTo(graph());
  }

  /** Two branches that swell before they shrink: one after the other, not side by side. */
  @Test
  void finishesOneBranchBeforeTheNext() {
    value("x", 10);
    node("a1", 100, "x");
    node("b1", 100, "x");
    node("a2", 5, "a1");
    node("b2", 5, "b1");
    node("y", 10, "a2", "b2");
    outputs.add("y");
    Graph better = MemoryOrder.of(graph(), specs);
    assertThat(MemoryProfile.of(graph(), specs).peak()).isEqualTo(210);
    assertThat(MemoryProfile.of(better, specs).peak()).isEqualTo(115);
    assertThat(better.nodes()).containsExactlyInAnyOrderElementsOf(nodes);
    Verifier.verify(better);
  }

  @Test
  void keepsAnOrderThatCannotBeBetter() {
    Graph graph = Architectures.model("resnet18", 32, 10, 1).graph();
    assertThat(MemoryOrder.of(graph, DeclaredSpecs.of(graph, 1))).isSameAs(graph);
  }

  @Test
  void findsTheLowestPeakOfSmallGraphs() {
    Random random = new Random(5);
    int improved = 0;
    for (int round = 0; round < 300; round++) {
      draw(random, 1 + random.nextInt(7), 200);
      long given = MemoryProfile.of(graph(), specs).peak();
      Graph better = MemoryOrder.of(graph(), specs);
      Verifier.verify(better);
      assertThat(better.nodes()).containsExactlyInAnyOrderElementsOf(nodes);
      long found = MemoryProfile.of(better, specs).peak();
      long best = best(new ArrayList<>(), new HashSet<>(Set.of("x")));
      assertThat(found).as("round %d", round).isEqualTo(best);
      improved += found < given ? 1 : 0;
    }
    assertThat(improved).isGreaterThan(20);
  }

  @Test
  void neverWorseOnLargeGraphs() {
    Random random = new Random(6);
    for (int size : new int[] {60, 300, 1000}) {
      draw(random, size, 5000);
      long given = MemoryProfile.of(graph(), specs).peak();
      Graph better = MemoryOrder.of(graph(), specs);
      Verifier.verify(better);
      assertThat(better.nodes()).hasSameSizeAs(nodes).containsAll(nodes);
      assertThat(MemoryProfile.of(better, specs).peak()).isLessThan(given);
    }
  }

  @Test
  void fiveThousandNodesSideBySideAreNoTrouble() {
    value("x", 1000);
    String[] ends = new String[2500];
    for (int i = 0; i < ends.length; i++) {
      node("a" + i, 100 + i % 7, "x");
    }
    for (int i = 0; i < ends.length; i++) {
      ends[i] = "b" + i;
      node(ends[i], 1, "a" + i);
    }
    node("y", 1, ends);
    outputs.add("y");
    Graph better = MemoryOrder.of(graph(), specs);
    assertThat(MemoryProfile.of(graph(), specs).peak()).isGreaterThan(250_000);
    assertThat(MemoryProfile.of(better, specs).peak()).isLessThan(4000);
  }

  /** The lowest peak of all orders that begin with these nodes. */
  private long best(List<Node> order, Set<String> there) {
    if (order.size() == nodes.size()) {
      return MemoryProfile.of(graph().withNodes(order), specs).peak();
    }
    long best = Long.MAX_VALUE;
    for (Node node : nodes) {
      if (!order.contains(node) && there.containsAll(node.inputs())) {
        order.add(node);
        Set<String> more = new HashSet<>(there);
        more.addAll(node.outputs());
        best = Math.min(best, best(order, more));
        order.removeLast();
      }
    }
    return best;
  }

  private void draw(Random random, int size, int largest) {
    specs.clear();
    nodes.clear();
    outputs.clear();
    value("x", 1 + random.nextInt(largest));
    List<String> values = new ArrayList<>(List.of("x"));
    for (int i = 0; i < size; i++) {
      Set<String> reads = new HashSet<>();
      for (int k = random.nextInt(3); k >= 0; k--) {
        reads.add(values.get(Math.max(0, values.size() - 1 - random.nextInt(6))));
      }
      node("v" + i, 1 + random.nextInt(largest), reads.toArray(String[]::new));
      values.add("v" + i);
    }
    outputs.add("v" + (size - 1));
  }

  private void node(String made, int bytes, String... reads) {
    value(made, bytes);
    nodes.add(Node.of("Op", List.of(reads), List.of(made)));
  }

  private void value(String name, int bytes) {
    specs.put(name, new TensorSpec(ElementType.UINT8, Shape.of(bytes)));
  }

  private Graph graph() {
    return new Graph(
        "test",
        List.of(Value.of("x", null)),
        outputs.stream().map(name -> Value.of(name, null)).toList(),
        nodes,
        weights,
        List.of(),
        Opaque.NONE);
  }
}
