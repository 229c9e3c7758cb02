package dev.skein.rewrite;

import static dev.skein.rewrite.Sketches.after;
import static dev.skein.rewrite.Sketches.lines;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.graph.Attribute;
import dev.skein.graph.Graph;
import dev.skein.graph.Opaque;
import dev.skein.graph.TensorType;
import dev.skein.graph.Weight;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConstantsToWeightsTest {
  private static final ConstantsToWeights PASS = new ConstantsToWeights();

  @Test
  void everyKindOfNumberBecomesAWeight() {
    Tensor tensor = Tensor.ofFloats(Shape.of(1, 2), 1, 2);
    Graph graph =
        after(
            PASS,
            new Sketches()
                .in("x", 2)
                .node("t = Constant()", "value", new Attribute.OfTensor(new Weight.Held(tensor)))
                .node("f = Constant() value_float=2.5")
                .node("fs = Constant()", "value_floats", new Attribute.OfFloats(List.of(1f, 2f)))
                .node("i = Constant() value_int=7")
                .node("is = Constant() value_ints=[3,4]")
                .node("y = Op(x, t, f, fs, i, is)")
                .out("y")
                .model());
    assertThat(lines(graph)).containsExactly("y = Op(x, t, f, fs, i, is)");
    assertThat(graph.weights()).containsOnlyKeys("t", "f", "fs", "i", "is");
    assertThat(graph.weights().get("t")).isEqualTo(new Weight.Held(tensor));
    assertThat(held(graph, "f").shape()).isEqualTo(Shape.of());
    assertThat(held(graph, "f").toFloats()).containsExactly(2.5f);
    assertThat(held(graph, "fs").toFloats()).containsExactly(1, 2);
    assertThat(held(graph, "i").shape()).isEqualTo(Shape.of());
    assertThat(held(graph, "i").data().get(Tensor.INT64, 0)).isEqualTo(7);
    assertThat(held(graph, "is").shape()).isEqualTo(Shape.of(2));
    assertThat(held(graph, "is").data().getAtIndex(Tensor.INT64, 1)).isEqualTo(4);
  }

  @Test
  void textSparseTensorsAndOutputsStay() {
    Weight text = new Weight.Verbatim(TensorType.of(ElementType.STRING, Shape.of(1)), Opaque.NONE);
    Graph graph =
        new Sketches()
            .node("a = Constant() value_string='no'")
            .node("b = Constant()", "value", new Attribute.OfTensor(text))
            .node("c = Constant()", "sparse_value", new Attribute.Verbatim(Opaque.NONE))
            .node("d = Constant() value_int=1")
            .node("y = Op(a, b, c)")
            .out("y", "d")
            .graph();
    assertThat(after(PASS, new Sketches().model().with(graph))).isEqualTo(graph);
  }

  private static Tensor held(Graph graph, String name) {
    return ((Weight.Held) graph.weights().get(name)).tensor();
  }
}
