package dev.skein.rewrite;

import static dev.skein.rewrite.Sketches.after;
import static dev.skein.rewrite.Sketches.lines;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.graph.Attribute;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Value;
import org.junit.jupiter.api.Test;

class DeadCodeTest {
  private static final DeadCode PASS = new DeadCode();

  @Test
  void whatNoOutputNeedsGoes() {
    Graph graph =
        after(
            PASS,
            new Sketches()
                .in("x", 4)
                .in("unread", 4)
                .scalar("v", 1)
                .scalar("w", 2)
                .node("a = Add(x, v)")
                .node("b = Exp(a)")
                .node("y, rest = Op(x, w)")
                .type("a", 4)
                .type("rest", 4)
                .out("y")
                .model());
    assertThat(lines(graph)).containsExactly("y, rest = Op(x, w)");
    assertThat(graph.weights()).containsOnlyKeys("w");
    assertThat(graph.inputs()).extracting(Value::name).containsExactly("x", "unread");
    assertThat(graph.annotations()).extracting(Value::name).containsExactly("rest");
  }

  @Test
  void whatABodyNeedsStays() {
    Graph body = new Sketches().node("o = Add(a, w)").out("o").graph();
    Model model =
        new Sketches()
            .in("x", 4)
            .scalar("w", 1)
            .node("a = Exp(x)")
            .node("y = If(x)", "then_branch", new Attribute.OfGraph(body))
            .out("y")
            .model();
    assertThat(after(PASS, model)).isEqualTo(model.graph());
  }

  @Test
  void weightsThatAreOutputsStay() {
    Model model = new Sketches().scalar("w", 1).out("w").model();
    assertThat(after(PASS, model)).isEqualTo(model.graph());
  }
}
