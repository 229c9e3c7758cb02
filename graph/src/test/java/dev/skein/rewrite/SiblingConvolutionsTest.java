package dev.skein.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Weight;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SiblingConvolutionsTest {
  private final Rewrite pass = new SiblingConvolutions();

  private static Sketches sketch() {
    return new Sketches()
        .in("x", 1, 2, 4, 4)
        .weight("v", Shape.of(1, 2, 1, 1), 1, 2)
        .weight("w", Shape.of(2, 2, 1, 1), 3, 4, 5, 6)
        .weight("b", Shape.of(2), 7, 8)
        .weight("big", Shape.of(1, 2, 3, 3), new float[18])
        .weight("many", Shape.of(9, 2, 1, 1), new float[18])
        .scalar("zero", 0)
        .scalar("six", 6)
        .out("y");
  }

  private static Tensor weight(Graph graph, String name) {
    return ((Weight.Held) graph.weights().get(name)).tensor();
  }

  @Test
  void siblingsThatAreConcatenatedBecomeOne() {
    Graph graph =
        Sketches.after(
            pass,
            sketch()
                .node("p = Conv(x, v) pads=[0,0,0,0]")
                .node("q = Conv(x, w, b) pads=[0,0,0,0]")
                .node("r = Relu(p)")
                .node("s = Relu(q)")
                .node("y = Concat(s, r) axis=-3")
                .model());
    assertThat(Sketches.lines(graph))
        .containsExactly("y_linear_1 = Conv(x, w_1, b_1) pads=[0,0,0,0]", "y = Relu(y_linear_1)");
    assertThat(weight(graph, "w_1").toFloats()).containsExactly(3, 4, 5, 6, 1, 2);
    assertThat(weight(graph, "b_1").toFloats()).containsExactly(7, 8, 0);
  }

  @Test
  void concatenationKeepsWhatElseGoesIntoIt() {
    Graph graph =
        Sketches.after(
            pass,
            sketch()
                .node("p = Conv(x, v)")
                .node("q = Conv(x, w)")
                .node("y = Concat(x, p, q, x) axis=1")
                .model());
    assertThat(Sketches.lines(graph))
        .containsExactly("y_part_1 = Conv(x, v_1)", "y = Concat(x, y_part_1, x) axis=1");
  }

  @Test
  void fewFiltersAreSplitAgain() {
    Sketches sketch =
        sketch()
            .node("p = Conv(x, v)")
            .node("q = Conv(x, w, b)")
            .node("y = Clip(p, zero, six)")
            .node("z = Clip(q, zero, six)")
            .out("z");
    Graph graph = Sketches.after(pass, sketch.model());
    assertThat(Sketches.lines(graph))
        .containsExactly(
            "y_siblings_1_linear_1 = Conv(x, v_1, v_bias_1)",
            "y_siblings_1 = Clip(y_siblings_1_linear_1, zero, six)",
            "y, z = Split(y_siblings_1, y_siblings_1_sizes_1) axis=1");
    assertThat(weight(graph, "y_siblings_1_sizes_1").data().toArray(Tensor.INT64))
        .containsExactly(1, 2);
    assertThat(Sketches.lines(Sketches.after(pass, sketch.model(12))).getLast())
        .isEqualTo("y, z = Split(y_siblings_1) axis=1 split=[1,2]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "q = Conv(x, many)",
        "q = Conv(x, big) pads=[1,1,1,1]",
        "q = Conv(x, w) strides=[2,2]",
        "q = Conv(p, one)",
        "q = Conv(x, variable)"
      })
  void convolutionsOfAnotherKindAreLeft(String line) {
    Model model =
        sketch()
            .weight("one", Shape.of(1, 1, 1, 1), 1)
            .in("variable", 1, 2, 1, 1)
            .node("p = Conv(x, v)")
            .node(line)
            .node("y = Relu(p)")
            .out("q")
            .model();
    assertThat(Sketches.after(pass, model)).isSameAs(model.graph());
  }

  @Test
  void depthwiseConvolutionsAreLeft() {
    Model model =
        sketch()
            .weight("depthwise", Shape.of(2, 1, 1, 1), 1, 2)
            .node("p = Conv(x, depthwise) group=2")
            .node("y = Conv(x, depthwise) group=2")
            .out("p")
            .model();
    assertThat(Sketches.after(pass, model)).isSameAs(model.graph());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "y = Concat(p, q) axis=2",
        "y = Concat(p, x, q) axis=1",
        "y = Concat(p, p, q) axis=1"
      })
  void otherConcatenationsAreLeft(String line) {
    Model model = sketch().node("p = Conv(x, many)").node("q = Conv(x, many)").node(line).model();
    assertThat(Sketches.after(pass, model)).isSameAs(model.graph());
  }

  @Test
  void siblingThatOthersReadIsNotConcatenated() {
    Model model =
        sketch()
            .node("p = Conv(x, many)")
            .node("q = Conv(x, many)")
            .node("y = Concat(p, q) axis=1")
            .out("p")
            .model();
    assertThat(Sketches.after(pass, model)).isSameAs(model.graph());
  }

  @Test
  void activationsThatDifferAreLeft() {
    Model model =
        sketch()
            .node("p = Conv(x, v)")
            .node("q = Conv(x, w)")
            .node("r = Relu(p)")
            .node("s = Sigmoid(q)")
            .node("y = Concat(r, s) axis=1")
            .model();
    assertThat(Sketches.after(pass, model)).isSameAs(model.graph());
  }
}
