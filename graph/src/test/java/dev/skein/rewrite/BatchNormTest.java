package dev.skein.rewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Weight;
import dev.skein.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchNormTest {
  private final Rewrite after = new BatchNormAfter();
  private final Rewrite before = new BatchNormBefore();

  /** x of 2 channels; Conv to 2 channels; γ / √(σ² + ε) = (2, 3), β − μ · that = (1, −5). */
  private static Sketches sketch() {
    return new Sketches()
        .in("x", 1, 2, 4, 4)
        .weight("w", Shape.of(2, 2, 1, 1), 1, 2, 3, 4)
        .weight("b", Shape.of(2), 10, 20)
        .weight("scale", Shape.of(2), 4, 3)
        .weight("shift", Shape.of(2), 3, 1)
        .weight("mean", Shape.of(2), 1, 2)
        .weight("variance", Shape.of(2), 4, 1)
        .out("y");
  }

  private static String norm(String formula) {
    return formula
            .replace("Norm(", "BatchNormalization(")
            .replace("*", "scale, shift, mean, variance")
        + " epsilon=0.0";
  }

  private static float[] weight(Graph graph, int node, int input) {
    String name = graph.nodes().get(node).inputs().get(input);
    return ((Weight.Held) graph.weights().get(name)).tensor().toFloats();
  }

  @Test
  void normalisationBehindConvGoesIntoWeightsAndBiases() {
    Graph graph =
        Sketches.after(
            after, sketch().node("c = Conv(x, w, b)").node(norm("y = Norm(c, *)")).model());
    assertThat(Sketches.lines(graph)).containsExactly("y = Conv(x, w_1, b_1)");
    assertThat(weight(graph, 0, 1)).containsExactly(2, 4, 9, 12);
    assertThat(weight(graph, 0, 2)).containsExactly(21, 55);
  }

  @Test
  void epsilonIsAddedToTheVariance() {
    Graph graph =
        Sketches.after(
            after,
            sketch()
                .node("c = Conv(x, w)")
                .node("y = BatchNormalization(c, scale, shift, mean, variance) epsilon=12.0")
                .model());
    assertThat(Sketches.lines(graph)).containsExactly("y = Conv(x, w_1, w_bias_1)");
    assertThat(weight(graph, 0, 1)[0]).isCloseTo(1, within(1e-6f));
    assertThat(weight(graph, 0, 2)[0]).isCloseTo(2, within(1e-6f));
  }

  @Test
  void sharedWeightIsLeftToItsOtherReader() {
    Graph graph =
        Sketches.after(
            after,
            sketch()
                .node("c = Conv(x, w, b)")
                .node(norm("y = Norm(c, *)"))
                .node("z = Conv(x, w, b)")
                .out("z")
                .model());
    assertThat(Sketches.lines(graph)).containsExactly("y = Conv(x, w_1, b_1)", "z = Conv(x, w, b)");
    assertThat(weight(graph, 1, 1)).containsExactly(1, 2, 3, 4);
  }

  @Test
  void transposedConvolutionHasItsOutputsOnTheSecondAxisOfEveryGroup() {
    Model model =
        new Sketches()
            .in("x", 1, 2, 4, 4)
            .weight("w", Shape.of(2, 1, 1, 1), 5, 7)
            .weight("scale", Shape.of(2), 4, 3)
            .weight("shift", Shape.of(2), 3, 1)
            .weight("mean", Shape.of(2), 1, 2)
            .weight("variance", Shape.of(2), 4, 1)
            .node("c = ConvTranspose(x, w) group=2")
            .node(norm("y = Norm(c, *)"))
            .out("y")
            .model();
    Graph graph = Sketches.after(after, model);
    assertThat(Sketches.lines(graph))
        .containsExactly("y = ConvTranspose(x, w_1, w_bias_1) group=2");
    assertThat(weight(graph, 0, 1)).containsExactly(10, 21);
  }

  @Test
  void gemmKeepsItsFormAndLosesBeta() {
    Model model =
        dense()
            .node("c = Gemm(x, w, b) transB=1 alpha=0.5 beta=2.0")
            .node(norm("y = Norm(c, *)"))
            .model();
    Graph graph = Sketches.after(after, model);
    assertThat(Sketches.lines(graph)).containsExactly("y = Gemm(x, w_1, b_1) transB=1 alpha=0.5");
    assertThat(weight(graph, 0, 1)).containsExactly(2, 4, 6, 12, 15, 18);
    assertThat(weight(graph, 0, 2)).containsExactly(41, 115);
  }

  @Test
  void matMulOfAMatrixBecomesGemm() {
    Model model =
        dense()
            .weight("v", Shape.of(3, 2), 1, 2, 3, 4, 5, 6)
            .node("c = MatMul(x, v)")
            .node(norm("y = Norm(c, *)"))
            .model();
    Graph graph = Sketches.after(after, model);
    assertThat(Sketches.lines(graph)).containsExactly("y = Gemm(x, v_1, v_bias_1)");
    assertThat(weight(graph, 0, 1)).containsExactly(2, 6, 6, 12, 10, 18);
    assertThat(weight(graph, 0, 2)).containsExactly(1, -5);
  }

  private static Sketches dense() {
    return new Sketches()
        .in("x", 1, 3)
        .weight("w", Shape.of(2, 3), 1, 2, 3, 4, 5, 6)
        .weight("b", Shape.of(2), 10, 20)
        .weight("scale", Shape.of(2), 4, 3)
        .weight("shift", Shape.of(2), 3, 1)
        .weight("mean", Shape.of(2), 1, 2)
        .weight("variance", Shape.of(2), 4, 1)
        .out("y");
  }

  @Test
  void normalisationInFrontGoesIntoWeightsAndBiases() {
    Graph graph =
        Sketches.after(
            before, sketch().node(norm("n = Norm(x, *)")).node("y = Conv(n, w, b)").model());
    assertThat(Sketches.lines(graph)).containsExactly("y = Conv(x, w_1, b_1)");
    assertThat(weight(graph, 0, 1)).containsExactly(2, 6, 6, 12);
    assertThat(weight(graph, 0, 2)).containsExactly(10 + 1 - 10, 20 + 3 - 20);
  }

  @Test
  void groupsSeeTheirOwnChannelsOnly() {
    Model model =
        sketch()
            .weight("depthwise", Shape.of(2, 1, 1, 2), 1, 2, 3, 4)
            .node(norm("n = Norm(x, *)"))
            .node("y = Conv(n, depthwise) group=2")
            .model();
    Graph graph = Sketches.after(before, model);
    assertThat(weight(graph, 0, 1)).containsExactly(2, 4, 9, 12);
    assertThat(weight(graph, 0, 2)).containsExactly(3, -35);
  }

  @Test
  void paddingIsFineWithoutShift() {
    Model model =
        sketch()
            .weight("none", Shape.of(2), 0, 0)
            .node("n = BatchNormalization(x, scale, none, none, variance) epsilon=0.0")
            .node("y = Conv(n, w, b) pads=[1,1,1,1]")
            .model();
    Graph graph = Sketches.after(before, model);
    assertThat(Sketches.lines(graph)).containsExactly("y = Conv(x, w_1, b) pads=[1,1,1,1]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "y = Conv(n, w, b) pads=[1,1,1,1]",
        "y = Conv(n, w, b) auto_pad='SAME_UPPER'",
        "y = ConvTranspose(n, w, b)"
      })
  void borderThatSeesNoShiftKeepsTheNormalisationInFront(String reader) {
    Model model = sketch().node(norm("n = Norm(x, *)")).node(reader).model();
    assertThat(Sketches.after(before, model)).isSameAs(model.graph());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "y = BatchNormalization(c, scale, shift, mean, variance) training_mode=1",
        "y = BatchNormalization(c, scale, shift, mean, variance) spatial=0",
        "y, m, v = BatchNormalization(c, scale, shift, mean, variance)",
        "y = BatchNormalization(c, x, shift, mean, variance)",
        "y = BatchNormalization(c, scale, shift, mean, one)",
        "y = BatchNormalization(c, scale, shift, mean, negative)"
      })
  void normalisationThatIsNoFixedLineIsLeft(String line) {
    Model model =
        sketch()
            .weight("one", Shape.of(1), 1)
            .weight("negative", Shape.of(2), -1, 1)
            .node("c = Conv(x, w, b)")
            .node(line)
            .model();
    assertThat(Sketches.after(after, model)).isSameAs(model.graph());
  }

  @Test
  void valueBetweenThatOthersReadIsKept() {
    Model otherReader =
        sketch()
            .node("c = Conv(x, w, b)")
            .node(norm("y = Norm(c, *)"))
            .node("z = Relu(c)")
            .out("z")
            .model();
    Model output = sketch().node("c = Conv(x, w, b)").node(norm("y = Norm(c, *)")).out("c").model();
    Model normalised =
        sketch().node(norm("n = Norm(x, *)")).node("y = Conv(n, w, b)").out("n").model();
    assertThat(Sketches.after(after, otherReader)).isSameAs(otherReader.graph());
    assertThat(Sketches.after(after, output)).isSameAs(output.graph());
    assertThat(Sketches.after(before, normalised)).isSameAs(normalised.graph());
  }

  @Test
  void whatIsNotConstantIsLeft() {
    Model model =
        sketch().in("v", 2, 2, 1, 1).node("c = Conv(x, v, b)").node(norm("y = Norm(c, *)")).model();
    assertThat(Sketches.after(after, model)).isSameAs(model.graph());
  }

  @Test
  void oldOperatorSetsAreLeft() {
    Model model = sketch().node("c = Conv(x, w, b)").node(norm("y = Norm(c, *)")).model(6);
    assertThat(Sketches.after(after, model)).isSameAs(model.graph());
  }

  @Test
  void chainOfNormalisationsGoesInOneAfterTheOther() {
    Model model =
        sketch()
            .node("c = Conv(x, w, b)")
            .node(norm("n = Norm(c, *)"))
            .node(norm("y = Norm(n, *)"))
            .model();
    Graph graph = Sketches.after(after, model);
    assertThat(Sketches.lines(graph)).hasSize(1);
    assertThat(weight(graph, 0, 2)).containsExactly(43, 160);
  }
}
