package dev.skein.graph;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class VerifierTest {
  @Test
  void ordinaryGraphPasses() {
    assertFine(
        new Sketch()
            .in("x", "unused")
            .weight("w", 1)
            .node("y,,z = Split(x, , w)")
            .node(" = Sink(z)")
            .out("y", "y", "x", "w"));
  }

  @Test
  void inputWithDefaultPasses() {
    assertFine(new Sketch().in("x", "w").weight("w", 1).node("y = Add(x, w)").out("y"));
  }

  @Test
  void faultsAreNamed() {
    assertBroken(
        new Sketch().in("x").node("y = Relu(q)").out("y"),
        "Relu 'y' reads 'q', which nothing makes");
    assertBroken(
        new Sketch().in("x").node("y = Relu(z)").node("z = Exp(x)").out("y"),
        "Relu 'y' reads 'z' before Exp 'z' makes it");
    assertBroken(new Sketch().in("x").node("y = Relu(y)").out("y"), "before Relu 'y' makes it");
    assertBroken(
        new Sketch().in("x").node("y = Relu(x)").node("y = Exp(x)").out("y"),
        "Exp 'y' makes 'y', which is there already");
    assertBroken(
        new Sketch().in("x").node("y,y = Split(x)").out("y"),
        "Split 'y' makes 'y', which is there already");
    assertBroken(
        new Sketch().in("x").node("x = Relu(x)").out("x"), "makes 'x', which is there already");
    assertBroken(
        new Sketch().weight("w", 1).node("w = Relu(w)").out("w"), "makes 'w', which is there");
    assertBroken(new Sketch().in("x").out("nothing"), "nothing makes the output 'nothing'");
    assertBroken(new Sketch().in("x", "x").out("x"), "input 'x' is declared twice");
    assertBroken(new Sketch().in("").out(), "an input has no name");
    assertBroken(new Sketch().weight("", 1).out(), "a weight has no name");
    assertBroken(new Sketch().in("x").node("y = (x)").out("y"), "names no operator");
  }

  @Test
  void bodiesSeeWhatIsAroundThemAndMayHideIt() {
    Graph body = new Sketch().node("x = Neg(a)").node("o = Exp(x)").out("o").graph();
    assertFine(new Sketch().in("x", "a").node("y = If(x)", "then_branch", body).out("y"));
    assertBroken(
        new Sketch().in("x").node("y = If(x)", "then_branch", body).node("a = Exp(x)").out("y"),
        "Neg 'x' reads 'a', which nothing makes in a body of If 'y'");
    Graph result = new Sketch().out("x").graph();
    assertFine(new Sketch().in("x").node("y = If(x)", "then_branch", result).out("y"));
  }

  @Test
  void bodyThatReadsWhatItDefinesLaterIsBroken() {
    Graph body = new Sketch().node("o = Exp(x)").node("x = Neg(o)").out("o").graph();
    assertBroken(
        new Sketch().in("x").node("y = If(x)", "then_branch", body).out("y"),
        "Exp 'o' reads 'x' before Neg 'x' makes it in a body of If 'y'");
  }

  @Test
  void endlessNestingIsRefused() {
    Graph body = new Sketch().node("o = Exp(x)").out("o").graph();
    for (int i = 0; i < 40; i++) {
      body = new Sketch().node("o = If(x)", "then_branch", body).out("o").graph();
    }
    assertBroken(new Sketch().in("x").node("y = If(x)", "then_branch", body).out("y"), "deeper");
  }

  @Test
  void namesFromFilesCannotBreakTheLine() {
    Node evil = Node.of("Re\nlu", List.of("q\u2028\u202e" + "x".repeat(9999)), List.of("y"));
    Graph graph = new Sketch().in("x").out("y").graph().withNodes(List.of(evil));
    assertThatThrownBy(() -> Verifier.verify(graph))
        .isInstanceOf(GraphException.class)
        .message()
        .hasSizeLessThan(700)
        .doesNotContain("\n", "\u2028", "\u202e");
  }

  private static void assertFine(Sketch sketch) {
    assertThatCode(() -> Verifier.verify(sketch.graph())).doesNotThrowAnyException();
  }

  private static void assertBroken(Sketch sketch, String why) {
    assertThatThrownBy(() -> Verifier.verify(sketch.graph()))
        .isInstanceOf(GraphException.class)
        .hasMessageContaining(why);
  }
}
