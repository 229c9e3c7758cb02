package dev.skein.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Weight;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinearChainTest {
  private final Rewrite pass = new LinearChain();

  private static Sketches conv() {
    return new Sketches()
        .in("x", 1, 2, 4, 4)
        .weight("w", Shape.of(2, 2, 1, 1), 1, 2, 3, 4)
        .weight("b", Shape.of(2), 10, 20)
        .weight("channel", Shape.of(1, 2, 1, 1), 2, 4)
        .scalar("two", 2)
        .weight("row", Shape.of(2), 1, 2)
        .weight("map", Shape.of(4, 4), new float[16])
        .out("y");
  }

  private static Sketches dense() {
    return new Sketches()
        .in("x", "N", 2)
        .weight("w", Shape.of(2, 3), 1, 2, 3, 4, 5, 6)
        .weight("v", Shape.of(3, 2), 1, 2, 3, 4, 5, 6)
        .weight("b", Shape.of(3), 1, 2, 3)
        .weight("wide", Shape.of(2, 3), new float[6])
        .out("y");
  }

  private static float[] weight(Graph graph, int input) {
    return ((Weight.Held) graph.weights().get(graph.nodes().getFirst().inputs().get(input)))
        .tensor()
        .toFloats();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "y = Add(c, channel) | 1 2 3 4   | 12 24",
        "y = Add(two, c)     | 1 2 3 4   | 12 22",
        "y = Sub(c, channel) | 1 2 3 4   | 8 16",
        "y = Sub(channel, c) | -1 -2 -3 -4 | -8 -16",
        "y = Mul(c, channel) | 2 4 12 16 | 20 80",
        "y = Div(c, channel) | 0.5 1 0.75 1 | 5 5"
      })
  void constantBehindConvGoesIntoIt(String line, String weights, String biases) {
    Graph graph = Sketches.after(pass, conv().node("c = Conv(x, w, b)").node(line).model());
    assertThat(graph.nodes()).hasSize(1);
    assertThat(graph.nodes().getFirst().outputs()).containsExactly("y");
    assertThat(weight(graph, 1)).containsExactly(numbers(weights));
    assertThat(weight(graph, 2)).containsExactly(numbers(biases));
  }

  private static float[] numbers(String text) {
    String[] words = text.trim().split(" +");
    float[] numbers = new float[words.length];
    for (int i = 0; i < words.length; i++) {
      numbers[i] = Float.parseFloat(words[i]);
    }
    return numbers;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a = Add(x, channel) | 1 2 3 4   | 20 42",
        "a = Sub(channel, x) | -1 -2 -3 -4 | 20 42",
        "a = Mul(x, channel) | 2 8 6 16  | 10 20",
        "a = Div(x, two)     | 0.5 1 1.5 2 | 10 20"
      })
  void constantInFrontOfConvGoesIntoIt(String line, String weights, String biases) {
    Graph graph = Sketches.after(pass, conv().node(line).node("y = Conv(a, w, b)").model());
    assertThat(graph.nodes()).hasSize(1);
    assertThat(graph.nodes().getFirst().inputs().getFirst()).isEqualTo("x");
    assertThat(weight(graph, 1)).containsExactly(numbers(weights));
    assertThat(weight(graph, 2)).containsExactly(numbers(biases));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "y = Div(channel, c)",
        "y = Add(c, row)",
        "y = Add(c, map)",
        "y = Mul(c, c)",
        "y = Pow(c, two)"
      })
  void whatDiffersWithinAChannelIsLeft(String line) {
    Model model = conv().node("c = Conv(x, w, b)").node(line).model();
    assertThat(Sketches.after(pass, model)).isSameAs(model.graph());
  }

  @Test
  void constantThatWidensTheInputIsLeft() {
    Model model =
        new Sketches()
            .in("x", 1, 1, 4, 4)
            .weight("w", Shape.of(2, 2, 1, 1), 1, 2, 3, 4)
            .weight("channel", Shape.of(1, 2, 1, 1), 2, 4)
            .node("a = Mul(x, channel)")
            .node("y = Conv(a, w)")
            .out("y")
            .model();
    assertThat(Sketches.after(pass, model)).isSameAs(model.graph());
  }

  @Test
  void constantThatWidensTheBatchIsLeft() {
    Model model =
        conv()
            .weight("batch", Shape.of(2, 1, 1, 1), 1, 2)
            .weight("deep", Shape.of(1, 1, 1, 1, 1), 1)
            .node("c = Conv(x, w, b)")
            .node("y = Mul(c, batch)")
            .node("d = Conv(x, w, b)")
            .node("z = Mul(d, deep)")
            .out("z")
            .model();
    assertThat(Sketches.after(pass, model)).isSameAs(model.graph());
  }

  @Test
  void paddingLetsFactorsThroughButNoTerms() {
    Model term =
        conv().node("a = Add(x, channel)").node("y = Conv(a, w, b) pads=[1,1,1,1]").model();
    Model factor =
        conv().node("a = Mul(x, channel)").node("y = Conv(a, w, b) pads=[1,1,1,1]").model();
    assertThat(Sketches.after(pass, term)).isSameAs(term.graph());
    assertThat(Sketches.lines(Sketches.after(pass, factor)))
        .containsExactly("y = Conv(x, w_1, b) pads=[1,1,1,1]");
  }

  @Test
  void infiniteReciprocalIsLeft() {
    Model model =
        conv().scalar("zero", 0).node("c = Conv(x, w, b)").node("y = Div(c, zero)").model();
    assertThat(Sketches.after(pass, model)).isSameAs(model.graph());
  }

  @Test
  void endOfAGeluOrLayerNormalisationIsLeft() {
    Model model =
        conv()
            .in("s", 1, 2, 4, 4)
            .node("d = Div(x, s)")
            .node("m = Mul(d, channel)")
            .node("a = Add(m, channel)")
            .node("y = Conv(a, w, b)")
            .model();
    assertThat(Sketches.after(pass, model)).isSameAs(model.graph());
  }

  @Test
  void otherReadersKeepTheValueBetween() {
    Model behind = conv().node("c = Conv(x, w, b)").node("y = Add(c, two)").out("c").model();
    Model inFront =
        conv()
            .node("a = Mul(x, two)")
            .node("y = Conv(a, w, b)")
            .node("z = Relu(a)")
            .out("z")
            .model();
    assertThat(Sketches.after(pass, behind)).isSameAs(behind.graph());
    assertThat(Sketches.after(pass, inFront)).isSameAs(inFront.graph());
  }

  @Test
  void matMulAndAddBecomeGemm() {
    Model model = dense().node("m = MatMul(x, w)").node("y = Add(b, m)").model();
    Graph graph = Sketches.after(pass, model);
    assertThat(Sketches.lines(graph)).containsExactly("y = Gemm(x, w, w_bias_1)");
    assertThat(weight(graph, 2)).containsExactly(1, 2, 3);
  }

  @Test
  void matMulOfUnknownOrHigherRankAndWideTermsAreLeft() {
    Model deep =
        new Sketches()
            .in("x", "N", 5, 2)
            .weight("w", Shape.of(2, 3), 1, 2, 3, 4, 5, 6)
            .weight("b", Shape.of(3), 1, 2, 3)
            .node("m = MatMul(x, w)")
            .node("y = Add(m, b)")
            .out("y")
            .model();
    Model wide = dense().node("m = MatMul(x, w)").node("y = Add(m, wide)").model();
    assertThat(Sketches.after(pass, deep)).isSameAs(deep.graph());
    assertThat(Sketches.after(pass, wide)).isSameAs(wide.graph());
  }

  @Test
  void productsBecomeOne() {
    Model model =
        dense()
            .weight("c", Shape.of(2), 1, 1)
            .node("m = Gemm(x, w, b) alpha=0.5")
            .node("y = Gemm(m, v, c) transB=0 beta=2.0")
            .model();
    Graph graph = Sketches.after(pass, model);
    assertThat(Sketches.lines(graph)).containsExactly("y = Gemm(x, w_1, b_1) alpha=0.5");
    assertThat(weight(graph, 1)).containsExactly(22, 28, 49, 64);
    assertThat(weight(graph, 2)).containsExactly(24, 30);
  }

  @Test
  void turnedWeightsMultiplyAsTheyAreMeant() {
    Model model =
        dense()
            .weight("turned", Shape.of(2, 3), 1, 3, 5, 2, 4, 6)
            .node("m = MatMul(x, w)")
            .node("y = Gemm(m, turned) transB=1 alpha=2.0")
            .model();
    Graph graph = Sketches.after(pass, model);
    assertThat(graph.nodes()).hasSize(1);
    assertThat(weight(graph, 1)).containsExactly(44, 56, 98, 128);
  }

  @Test
  void narrowMiddleAndSharedWeightsAreLeft() {
    Model narrow =
        new Sketches()
            .in("x", "N", 8)
            .weight("w", Tensor.ofFloats(Shape.of(8, 1), new float[8]))
            .weight("v", Tensor.ofFloats(Shape.of(1, 8), new float[8]))
            .node("m = MatMul(x, w)")
            .node("y = MatMul(m, v)")
            .out("y")
            .model();
    Model shared =
        dense()
            .node("m = MatMul(x, w)")
            .node("y = MatMul(m, v)")
            .node("z = MatMul(x, w)")
            .out("z")
            .model();
    assertThat(Sketches.after(pass, narrow)).isSameAs(narrow.graph());
    assertThat(Sketches.after(pass, shared)).isSameAs(shared.graph());
  }

  @Test
  void pointwiseConvolutionMixesTheFiltersOfTheOneInFront() {
    Model model =
        conv()
            .weight("k", Shape.of(2, 2, 1, 2), 1, 2, 3, 4, 5, 6, 7, 8)
            .node("c = Conv(x, k) pads=[0,1,0,0] strides=[1,2]")
            .node("y = Conv(c, w, b) strides=[2,1]")
            .model();
    Graph graph = Sketches.after(pass, model);
    assertThat(Sketches.lines(graph))
        .containsExactly("y = Conv(x, k_1, k_bias_1) pads=[0,1,0,0] strides=[2,2]");
    assertThat(weight(graph, 1)).containsExactly(11, 14, 17, 20, 23, 30, 37, 44);
    assertThat(weight(graph, 2)).containsExactly(10, 20);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "y = Conv(c, v, b) pads=[1,1,1,1]",
        "y = Conv(c, v, b) auto_pad='SAME_LOWER'",
        "y = Conv(c, grouped, b) group=2",
        "y = Conv(c, big, b)"
      })
  void convolutionThatDoesNotOnlyMixChannelsIsLeft(String second) {
    Model model =
        conv()
            .weight("v", Shape.of(2, 2, 1, 1), 1, 2, 3, 4)
            .weight("grouped", Shape.of(2, 1, 1, 1), 1, 2)
            .weight("big", Shape.of(2, 2, 1, 2), 1, 2, 3, 4, 5, 6, 7, 8)
            .weight("c1", Shape.of(2), 1, 1)
            .node("c = Conv(x, w, c1)")
            .node(second)
            .model();
    assertThat(Sketches.after(pass, model)).isSameAs(model.graph());
  }
}
