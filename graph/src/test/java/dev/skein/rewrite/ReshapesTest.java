package dev.skein.rewrite;

import static dev.skein.rewrite.Sketches.after;
import static dev.skein.rewrite.Sketches.lines;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Weight;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Tensor;
import org.junit.jupiter.api.Test;

class ReshapesTest {
  private static final Reshapes PASS = new Reshapes();

  private static Sketches sketch(String... formulas) {
    Sketches sketch =
        new Sketches()
            .in("x", "N", 6, 4)
            .in("given", ElementType.INT64, 2)
            .longs("rows", -1, 4)
            .longs("four", 0, 2, 3, 4)
            .longs("back", 0, 6, 4)
            .longs("same", 0, 0, -1)
            .longs("axis", 1);
    for (String formula : formulas) {
      sketch.node(formula);
    }
    return sketch.out("y");
  }

  @Test
  void twoBecomeOneBySizesThatAreKnown() {
    Graph graph =
        after(
            PASS,
            sketch("a = Reshape(x, rows)", "b = Flatten(a) axis=0", "y = Exp(b)")
                .type("a", "M", 4)
                .type("b", 1, "K")
                .model());
    assertThat(lines(graph)).containsExactly("b = Reshape(x, b_shape_1)", "y = Exp(b)");
    assertThat(target(graph, "b_shape_1")).containsExactly(1, -1);
  }

  @Test
  void forthAndBackGoes() {
    assertThat(
            lines(
                after(
                    PASS,
                    sketch("a = Reshape(x, four)", "b = Reshape(a, back)", "y = Exp(b)")
                        .type("a", "N", 2, 3, 4)
                        .type("b", "N", 6, 4)
                        .model())))
        .containsExactly("y = Exp(x)");
  }

  @Test
  void forthAndBackGoesEvenIfTheBatchHasNoName() {
    assertThat(
            lines(
                after(
                    PASS,
                    sketch("a = Reshape(x, rows)", "b = Reshape(a, back)", "y = Exp(b)")
                        .type("b", "?", 6, 4)
                        .model())))
        .containsExactly("y = Exp(x)");
  }

  @Test
  void squeezeUndoesUnsqueezeWhateverTheSizes() {
    assertThat(
            lines(
                after(
                    PASS,
                    sketch("a = Unsqueeze(x, axis)", "b = Squeeze(a, axis)", "y = Exp(b)")
                        .model())))
        .containsExactly("y = Exp(x)");
    assertThat(
            lines(
                after(
                    PASS,
                    sketch("a = Squeeze(x) axes=[1]", "b = Unsqueeze(a) axes=[1]", "y = Exp(b)")
                        .model(11))))
        .containsExactly("y = Exp(x)");
  }

  @Test
  void constantTargetWithoutCopiesNeedsNoSizes() {
    Graph graph = after(PASS, sketch("a = Flatten(x)", "y = Reshape(a, rows)").model());
    assertThat(lines(graph)).containsExactly("y = Reshape(x, y_shape_1)");
    assertThat(target(graph, "y_shape_1")).containsExactly(-1, 4);
  }

  @Test
  void copiedAxisMustBeThatOfTheFirst() {
    Graph graph =
        after(
            PASS,
            sketch("a = Reshape(x, four)", "y = Reshape(a, same)").type("a", "N", 6, 2, 2).model());
    assertThat(lines(graph)).containsExactly("y = Reshape(x, y_shape_1)");
    assertThat(target(graph, "y_shape_1")).containsExactly(0, 0, -1);
    Model other =
        sketch("a = Reshape(x, four)", "y = Reshape(a, same)").type("a", "N", 2, 3, 4).model();
    assertThat(after(PASS, other)).isEqualTo(other.graph());
  }

  @Test
  void zeroThatCopiesNothingIsLeftAlone() {
    Model model =
        sketch("a = Reshape(x, four)", "y = Reshape(a, same) allowzero=1")
            .type("a", "N", 6, 2, 2)
            .model();
    assertThat(after(PASS, model)).isEqualTo(model.graph());
  }

  @Test
  void promiseOfOneBatchSizeIsNotBuiltIn() {
    Model model =
        new Sketches()
            .in("x", "N", 6, 4)
            .in("given", ElementType.INT64, 2)
            .longs("rows", -1, 4)
            .node("a = Reshape(x, rows)")
            .node("y = Reshape(a, given)")
            .out("y", ElementType.FLOAT, 1, 24)
            .model();
    assertThat(after(PASS, model)).isEqualTo(model.graph());
  }

  @Test
  void firstStaysForItsOtherReaders() {
    Model model = sketch("a = Flatten(x)", "b = Reshape(a, rows)", "y = Op(a, b)").model();
    assertThat(after(PASS, model)).isEqualTo(model.graph());
    assertThat(
            lines(
                after(
                    PASS,
                    sketch("a = Flatten(x)", "b = Reshape(a, back)", "y = Op(a, b)")
                        .type("b", "N", 6, 4)
                        .model())))
        .containsExactly("a = Flatten(x)", "y = Op(a, x)");
  }

  @Test
  void chainsBecomeOne() {
    Graph graph =
        after(
            PASS,
            sketch(
                    "a = Flatten(x)",
                    "b = Reshape(a, rows)",
                    "c = Unsqueeze(b, axis)",
                    "d = Flatten(c)",
                    "y = Exp(d)")
                .type("b", "M", 4)
                .type("c", "M", 1, 4)
                .type("d", "M", 4)
                .model());
    assertThat(lines(graph)).containsExactly("b = Reshape(x, b_shape_1)", "y = Exp(b)");
    assertThat(target(graph, "b_shape_1")).containsExactly(-1, 4);
  }

  private static long[] target(Graph graph, String name) {
    return ((Weight.Held) graph.weights().get(name)).tensor().data().toArray(Tensor.INT64);
  }
}
