package dev.skein.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.graph.Attribute;
import dev.skein.graph.Graph;
import dev.skein.graph.Node;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClassificationTest {
  @Test
  void nodesAreConstantIfNoInputReachesThem() {
    Graph capturing = new Sketches().node("o = Add(b, w)").out("o").graph();
    Graph constant = new Sketches().node("o = Neg(w)").out("o").graph();
    Graph random = new Sketches().node("o = RandomNormal()").out("o").graph();
    Graph graph =
        new Sketches()
            .in("x", 4)
            .in("defaulted", 1)
            .scalar("w", 1)
            .scalar("defaulted", 1)
            .node("a = Neg(w)")
            .node("b = Add(x, a)")
            .node("c = Add(a, defaulted)")
            .node("d = RandomUniform()")
            .node("e = Mul(d, w)")
            .node("f = If(w)", "then_branch", new Attribute.OfGraph(capturing))
            .node("g = If(w)", "then_branch", new Attribute.OfGraph(constant))
            .node("h = If(w)", "then_branch", new Attribute.OfGraph(random))
            .node("y = Sum(b, c, e, f, g, h)")
            .out("y")
            .graph();
    Classification classes = Classification.of(graph);
    assertThat(classes.constant())
        .extracting(node -> node.outputs().getFirst())
        .containsExactly("a", "c", "g");
    assertThat(classes.dynamic())
        .extracting(node -> node.outputs().getFirst())
        .containsExactly("b", "d", "e", "f", "h", "y");
  }

  @Test
  void operatorsOfUnknownDomainsAreDynamic() {
    Node plain = Sketches.parse("a = Op(w)");
    Node foreign =
        new Node(
            "", "Op", "our.own", plain.inputs(), plain.outputs(), plain.attributes(), plain.rest());
    Graph graph = new Sketches().scalar("w", 1).node("a = Op(w)").out("a").graph();
    assertThat(Classification.of(graph).constant()).containsExactly(plain);
    assertThat(Classification.of(graph.withNodes(List.of(foreign))).dynamic())
        .containsExactly(foreign);
  }
}
