package dev.skein.rewrite;

import static dev.skein.rewrite.Sketches.after;
import static dev.skein.rewrite.Sketches.lines;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Value;
import dev.skein.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransposesTest {
  private static final Transposes PASS = new Transposes();

  private static Sketches sketch(String... formulas) {
    Sketches sketch =
        new Sketches()
            .in("x", "N", 3, 5)
            .in("z", "N", 3, 5)
            .scalar("two", 2)
            .weight("single", Shape.of(1), 2)
            .weight("pair", Shape.of(5), 1, 2, 3, 4, 5);
    for (String formula : formulas) {
      sketch.node(formula);
    }
    return sketch.out("y");
  }

  @Test
  void pairThatCancelsGoes() {
    assertThat(
            lines(
                after(
                    PASS,
                    sketch(
                            "a = Transpose(x) perm=[1,2,0]",
                            "b = Transpose(a) perm=[2,0,1]",
                            "y = Exp(b)")
                        .model())))
        .containsExactly("y = Exp(x)");
  }

  @Test
  void pairWithoutOrdersReversesTwice() {
    assertThat(
            lines(
                after(PASS, sketch("a = Transpose(x)", "b = Transpose(a)", "y = Exp(b)").model())))
        .containsExactly("y = Exp(x)");
  }

  @Test
  void otherPairsBecomeOne() {
    assertThat(
            lines(after(PASS, sketch("a = Transpose(x) perm=[1,2,0]", "y = Transpose(a)").model())))
        .containsExactly("y = Transpose(x) perm=[0,2,1]");
  }

  @Test
  void threeBecomeOne() {
    assertThat(
            lines(
                after(
                    PASS,
                    sketch(
                            "a = Transpose(x) perm=[1,2,0]",
                            "b = Transpose(a) perm=[1,0,2]",
                            "y = Transpose(b) perm=[1,0,2]")
                        .model())))
        .containsExactly("y = Transpose(x) perm=[1,2,0]");
  }

  @Test
  void firstStaysForItsOtherReaders() {
    assertThat(
            lines(
                after(
                    PASS,
                    sketch(
                            "a = Transpose(x) perm=[0,2,1]",
                            "b = Transpose(a) perm=[0,2,1]",
                            "y = Op(a, b)")
                        .model())))
        .containsExactly("a = Transpose(x) perm=[0,2,1]", "y = Op(a, x)");
  }

  @Test
  void pairCancelsAcrossWhatTreatsEveryElementAlike() {
    Graph graph =
        after(
            PASS,
            sketch(
                    "a = Transpose(x) perm=[0,2,1]",
                    "b = LeakyRelu(a) alpha=0.5",
                    "c = Sub(two, b)",
                    "d = Clip(c, two, )",
                    "y = Transpose(d) perm=[0,2,1]")
                .type("b", "N", 5, 3)
                .type("d", "N", 5, 3)
                .model());
    assertThat(lines(graph))
        .containsExactly(
            "b_1 = LeakyRelu(x) alpha=0.5", "c_1 = Sub(two, b_1)", "y = Clip(c_1, two, )");
    assertThat(graph.annotations())
        .describedAs("types of values of other shapes now")
        .extracting(Value::name)
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "c = Softmax(a)",
        "c = Add(a, pair)",
        "c = Add(a, z)",
        "c = Add(a, a)",
        "c = PRelu(single, a)",
        "c = LayerNormalization(a, pair)"
      })
  void nothingMovesAcrossOtherOperators(String between) {
    Model model =
        sketch("a = Transpose(x) perm=[0,2,1]", between, "y = Transpose(c) perm=[0,2,1]").model();
    assertThat(after(PASS, model)).isEqualTo(model.graph());
  }

  @Test
  void nothingMovesIfItDoesNotCancel() {
    Model model =
        sketch("a = Transpose(x) perm=[0,2,1]", "b = Exp(a)", "y = Transpose(b) perm=[1,0,2]")
            .model();
    assertThat(after(PASS, model)).isEqualTo(model.graph());
  }

  @Test
  void nothingMovesIfValuesBetweenAreReadElsewhere() {
    Model model =
        sketch(
                "a = Transpose(x) perm=[0,2,1]",
                "b = Exp(a)",
                "c = Transpose(b) perm=[0,2,1]",
                "y = Op(b, c)")
            .model();
    assertThat(after(PASS, model)).isEqualTo(model.graph());
    Model output =
        new Sketches()
            .in("x", 3, 5)
            .node("a = Transpose(x)")
            .node("b = Exp(a)")
            .node("c = Transpose(b)")
            .out("b", "c")
            .model();
    assertThat(after(PASS, output)).isEqualTo(output.graph());
  }

  @Test
  void invalidOrdersAreLeftAlone() {
    Model model = sketch("a = Transpose(x) perm=[0,0,9]", "y = Transpose(a) perm=[0,2,1]").model();
    assertThat(after(PASS, model)).isEqualTo(model.graph());
  }
}
