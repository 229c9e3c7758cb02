package dev.skein.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class OrderTest {
  @Test
  void orderedGraphIsLeftAlone() {
    Graph graph = new Sketch().in("x").node("a = Exp(x)").node("b = Neg(a)").out("b").graph();
    assertThat(Order.of(graph)).isSameAs(graph);
  }

  @Test
  void lateNodeIsPulledForwardOnlyAsFarAsNeeded() {
    Graph graph =
        new Sketch()
            .in("x")
            .node("a = Exp(x)")
            .node("c = Add(a, b)")
            .node("d = Neg(c)")
            .node("b = Abs(x)")
            .out("d")
            .graph();
    assertThat(Order.of(graph).nodes())
        .extracting(Node::op)
        .containsExactly("Exp", "Abs", "Add", "Neg");
  }

  @Test
  void valuesThatOnlyABodyReadsCount() {
    Graph body = new Sketch().node("o = Neg(a)").out("o").graph();
    Graph graph =
        new Sketch()
            .in("x")
            .node("y = If(x)", "then_branch", body)
            .node("a = Abs(x)")
            .out("y")
            .graph();
    assertThat(Order.of(graph).nodes()).extracting(Node::op).containsExactly("Abs", "If");
  }

  @Test
  void longChainBackToFrontIsSorted() {
    List<Node> chain = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      chain.add(Node.of("Exp", List.of("v" + i), List.of("v" + (i + 1))));
    }
    List<Node> reversed = new ArrayList<>(chain);
    Collections.reverse(reversed);
    Graph graph = new Sketch().in("v0").out("v100000").graph();
    assertThat(Order.of(graph.withNodes(reversed)).nodes()).isEqualTo(chain);
  }

  @Test
  void circleIsNamed() {
    Graph graph = new Sketch().in("x").node("a = Add(x, b)").node("b = Neg(a)").out("b").graph();
    assertThatThrownBy(() -> Order.of(graph))
        .isInstanceOf(GraphException.class)
        .hasMessageContaining("Neg 'b'")
        .hasMessageContaining("Add 'a'")
        .hasMessageContaining("depend on each other");
  }
}
