package dev.skein.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class PatchTest {
  private static final Weight ONE = new Weight.Held(Tensor.ofFloats(Shape.of(1), 1));

  private final Graph graph =
      new Sketch()
          .in("x")
          .weight("w", 1)
          .node("a = Conv(x, w)")
          .node("b = BatchNorm(a)")
          .node("c = Relu(b)")
          .node("d = Add(c, b)")
          .out("d")
          .graph();

  @Test
  void removedNodesUsesGoToAnotherValue() {
    Graph changed = new Patch().remove(graph.nodes().get(1)).redirect("b", "a").apply(graph);
    assertThat(changed.nodes())
        .containsExactly(
            Sketch.parse("a = Conv(x, w)"),
            Sketch.parse("c = Relu(a)"),
            Sketch.parse("d = Add(c, a)"));
    assertThat(graph.nodes()).hasSize(4);
  }

  @Test
  void insertedNodeStandsBeforeItsFirstReader() {
    Graph changed =
        new Patch()
            .insert(Sketch.parse("n = Neg(b)"))
            .replace(graph.nodes().get(3), List.of(Sketch.parse("d = Sub(c, n)")))
            .apply(graph);
    assertThat(changed.nodes())
        .extracting(Node::op)
        .containsExactly("Conv", "BatchNorm", "Relu", "Neg", "Sub");
  }

  @Test
  void outputKeepsItsNameWhenItsMakerGoes() {
    Graph changed = new Patch().remove(graph.nodes().get(3)).redirect("d", "c").apply(graph);
    assertThat(changed.outputs()).isEqualTo(graph.outputs());
    assertThat(changed.nodes().getLast()).isEqualTo(Sketch.parse("d = Relu(b)"));
  }

  @Test
  void outputThatShowsAnInputBecomesACopy() {
    Graph changed = new Patch().remove(graph.nodes().get(3)).redirect("d", "x").apply(graph);
    assertThat(changed.nodes().getLast()).isEqualTo(Sketch.parse("d = Identity(x)"));
  }

  @Test
  void twoOutputsMayShowOneValue() {
    Graph two =
        new Sketch()
            .in("x")
            .node("a = Exp(x)")
            .node("b = Neg(a)")
            .node("c = Abs(a)")
            .out("b", "c")
            .graph();
    Graph changed =
        new Patch()
            .remove(two.nodes().get(1))
            .remove(two.nodes().get(2))
            .redirect("b", "a")
            .redirect("c", "a")
            .apply(two);
    assertThat(changed.nodes())
        .containsExactly(Sketch.parse("b = Exp(x)"), Sketch.parse("c = Identity(b)"));
  }

  @Test
  void redirectsFollowEachOther() {
    Graph changed =
        new Patch()
            .remove(graph.nodes().get(1))
            .remove(graph.nodes().get(2))
            .redirect("c", "b")
            .redirect("b", "a")
            .apply(graph);
    assertThat(changed.nodes().getLast()).isEqualTo(Sketch.parse("d = Add(a, a)"));
  }

  @Test
  void usesInBodiesAreRedirectedToo() {
    Graph body = new Sketch().node("o = Neg(a)").out("o", "a").graph();
    Graph hiding = new Sketch().node("a = Neg(x)").out("a").graph();
    Graph outer =
        new Sketch()
            .in("x")
            .node("a = Exp(x)")
            .node("y, z = If(x)", "then_branch", body)
            .node("u = If(x)", "then_branch", hiding)
            .out("y", "z", "u")
            .graph();
    Graph changed = new Patch().remove(outer.nodes().getFirst()).redirect("a", "x").apply(outer);
    assertThat(changed.nodes().get(0).bodies().getFirst())
        .isEqualTo(new Sketch().node("o = Neg(x)").out("o", "x").graph());
    assertThat(changed.nodes().get(1).bodies()).containsExactly(hiding);
  }

  @Test
  void bodyThatHidesTheNewValueIsReported() {
    Graph body = new Sketch().node("b = Neg(a)").out("b").graph();
    Graph outer =
        new Sketch()
            .in("x")
            .node("a = Exp(x)")
            .node("b = Abs(x)")
            .node("y = If(x)", "then_branch", body)
            .out("y", "b")
            .graph();
    Patch patch = new Patch().remove(outer.nodes().getFirst()).redirect("a", "b");
    assertThatThrownBy(() -> patch.apply(outer))
        .isInstanceOf(GraphException.class)
        .hasMessageContaining("If 'y'")
        .hasMessageContaining("'b'");
  }

  @Test
  void weightsComeAndGo() {
    Graph changed =
        new Patch()
            .weight("v", ONE)
            .removeWeight("w")
            .replace(graph.nodes().getFirst(), List.of(Sketch.parse("a = Conv(x, v)")))
            .apply(graph);
    assertThat(changed.weights()).containsOnlyKeys("v");
  }

  @Test
  void declaredTypesOfValuesThatAreGoneGoToo() {
    Graph typed =
        graph.annotated(
            java.util.Map.of("a", ONE.type(), "b", ONE.type(), "c", ONE.type(), "x", ONE.type()));
    Graph changed = new Patch().remove(graph.nodes().get(1)).redirect("b", "a").apply(typed);
    assertThat(changed.annotations()).extracting(Value::name).containsExactlyInAnyOrder("a", "c");
  }

  @Test
  void faultsAreNamed() {
    Node first = graph.nodes().getFirst();
    assertBroken(new Patch().remove(first), "BatchNorm 'b' reads 'a', which nothing makes");
    assertBroken(new Patch().remove(Sketch.parse("q = Exp(x)")), "Exp 'q' is no node of graph");
    assertBroken(new Patch().insert(Sketch.parse("a = Exp(x)")), "which is there already");
    assertBroken(new Patch().redirect("a", "b").redirect("b", "a"), "circle");
    assertBroken(new Patch().redirect("d", "c"), "output 'd' is redirected");
    assertBroken(new Patch().removeWeight("no"), "no weight 'no'");
    assertBroken(new Patch().removeWeight("w"), "Conv 'a' reads 'w', which nothing makes");
    assertBroken(
        new Patch().replace(first, List.of(Sketch.parse("a = Conv(d, w)"))),
        "depend on each other");
    assertThatThrownBy(() -> new Patch().remove(first).remove(first))
        .isInstanceOf(GraphException.class);
  }

  private void assertBroken(Patch patch, String why) {
    assertThatThrownBy(() -> patch.apply(graph))
        .isInstanceOf(GraphException.class)
        .hasMessageContaining(why);
  }
}
