package dev.skein.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.graph.Attribute;
import dev.skein.graph.Graph;
import dev.skein.tensor.Shape;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ScopeTest {
  private final Graph body =
      new Sketches().node("hidden = Neg(a)").node("o = Add(hidden, w)").out("o").graph();
  private final Scope scope =
      new Scope(
          new Sketches()
              .in("x", "N", 4)
              .weight("w", Shape.of(4), 1, 2, 3, 4)
              .node("a = Relu(x)")
              .node("b = Exp(a)")
              .node("c = If(b)", "then_branch", new Attribute.OfGraph(body))
              .node("d = Neg(b)")
              .node("e = Neg(d)")
              .out("c", "d", "e")
              .model());

  @Test
  void capturesAreReads() {
    assertThat(scope.readers("a")).extracting(node -> node.op()).containsExactly("Exp", "If");
    assertThat(scope.readers("w")).extracting(node -> node.op()).containsExactly("If");
    assertThat(scope.onlyReader("a")).isNull();
    assertThat(scope.onlyReader("d")).isNull();
    assertThat(scope.onlyReader("x")).isSameAs(scope.nodes().getFirst());
  }

  @Test
  void redirectsThatWouldBreakABodyOrNeedACopyAreTold() {
    assertThat(scope.mayRedirect("b", "a")).isTrue();
    assertThat(scope.mayRedirect("a", "x")).isTrue();
    assertThat(scope.mayRedirect("a", "hidden")).isFalse();
    assertThat(scope.mayRedirect("d", "b")).isTrue();
    assertThat(scope.mayRedirect("e", "d")).isFalse();
    assertThat(scope.mayRedirect("d", "x")).isFalse();
    assertThat(scope.mayRedirect("d", "w")).isFalse();
  }

  @Test
  void freshNamesAreNobodysNotEvenInBodies() {
    assertThat(scope.fresh("hidden")).isEqualTo("hidden_1");
    Scope numbered =
        new Scope(
            new Sketches()
                .in("v_1", 1)
                .node("v_2 = Neg(v_1)")
                .node(
                    "y = If(v_2)",
                    "then_branch",
                    new Attribute.OfGraph(new Sketches().node("v_3 = Neg(v_1)").out("v_3").graph()))
                .out("y")
                .model());
    assertThat(numbered.fresh("v")).isEqualTo("v_4");
    assertThat(numbered.fresh("v")).isEqualTo("v_5");
  }

  @Test
  void manyFreshNamesAreAllDifferent() {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < 100_000; i++) {
      names.add(scope.fresh("n"));
    }
    assertThat(names).hasSize(100_000);
  }

  @Test
  void weightsHaveTypes() {
    assertThat(scope.shape("w")).isEqualTo(Shape.of(4));
    assertThat(scope.rank("x")).isEqualTo(2);
    assertThat(scope.shape("x")).isNull();
    assertThat(scope.type("b")).isNull();
  }
}
