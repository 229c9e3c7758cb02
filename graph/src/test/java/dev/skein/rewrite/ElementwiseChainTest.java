package dev.skein.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Weight;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ElementwiseChainTest {
  private final Rewrite pass = new ElementwiseChain();

  private static Sketches sketch() {
    return new Sketches()
        .in("x", "N", 2, 3)
        .scalar("zero", 0)
        .scalar("one", 1)
        .scalar("six", 6)
        .scalar("nine", 9)
        .scalar("half", 0.5f)
        .weight("row", Shape.of(3), 1, 2, 3)
        .weight("column", Shape.of(2, 1), 10, 20)
        .out("y");
  }

  private static float[] weight(Graph graph, int input) {
    String name = graph.nodes().getFirst().inputs().get(input);
    return ((Weight.Held) graph.weights().get(name)).tensor().toFloats();
  }

  private static List<String> lines(Rewrite pass, Model model) {
    return Sketches.lines(Sketches.after(pass, model));
  }

  @Test
  void reluOfReluIsOne() {
    Model model =
        sketch()
            .node("a = Relu(x)")
            .node("b = Relu(a)")
            .node("y = Exp(b)")
            .node("z = Neg(a)")
            .out("z")
            .model();
    assertThat(lines(pass, model)).containsExactly("a = Relu(x)", "y = Exp(a)", "z = Neg(a)");
  }

  @Test
  void clampsJoin() {
    Model model = sketch().node("a = Relu(x)").node("y = Clip(a, , six)").model();
    Graph graph = Sketches.after(pass, model);
    assertThat(Sketches.lines(graph)).containsExactly("y = Clip(x, y_min_1, y_max_1)");
    assertThat(weight(graph, 1)).containsExactly(0);
    assertThat(weight(graph, 2)).containsExactly(6);
  }

  @Test
  void boundsAreAttributesInOldOperatorSets() {
    Model model =
        sketch().node("a = Clip(x) min=-1.0 max=5.0").node("y = Clip(a) min=0.0 max=6.0").model(10);
    assertThat(lines(pass, model)).containsExactly("y = Clip(x) min=0.0 max=5.0");
  }

  @Test
  void attributesOfANewerOperatorSetBoundNothing() {
    Model model = sketch().node("a = Relu(x)").node("y = Clip(a) max=6.0").model();
    assertThat(lines(pass, model)).containsExactly("y = Relu(x)");
  }

  @Test
  void boundsThatDoNotMeetGiveAConstant() {
    Model model = sketch().node("a = Clip(x, , one)").node("y = Clip(a, six, nine)").model();
    Graph graph = Sketches.after(pass, model);
    assertThat(weight(graph, 1)).containsExactly(6);
    assertThat(weight(graph, 2)).containsExactly(6);
  }

  @Test
  void extremesWithANumberAreClamps() {
    assertThat(lines(pass, sketch().node("y = Max(zero, x)").model()))
        .containsExactly("y = Relu(x)");
    assertThat(lines(pass, sketch().node("y = Clip(x, zero)").model()))
        .containsExactly("y = Relu(x)");
    assertThat(lines(pass, sketch().node("y = Clip(x) min=0.0").model(9)))
        .containsExactly("y = Relu(x)");
    assertThat(lines(pass, sketch().node("a = Max(x, zero)").node("y = Min(a, six)").model()))
        .containsExactly("y = Clip(x, y_min_1, y_max_1)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "y = Max(x, row)",
        "y = Max(x, x)",
        "y = Max(x, zero, one)",
        "y = Max(unknown, ones)",
        "y = Clip(x, zero, six)",
        "y = Clip(x, x, six)"
      })
  void otherBoundsAreLeft(String line) {
    Model model =
        sketch().weight("ones", Shape.of(1), 0).node("unknown = Exp(x)").node(line).model();
    assertThat(Sketches.after(pass, model)).isSameAs(model.graph());
  }

  @Test
  void clampThatOthersReadStays() {
    Model model =
        sketch().node("a = Relu(x)").node("y = Clip(a, , six)").node("z = Neg(a)").out("z").model();
    assertThat(Sketches.after(pass, model)).isSameAs(model.graph());
  }

  @Test
  void twoOutputsAreNotOneValue() {
    Model model = sketch().node("a = Relu(x)").node("y = Relu(a)").out("a").model();
    assertThat(Sketches.after(pass, model)).isSameAs(model.graph());
  }

  @Test
  void boundsOfAnotherElementTypeAreLeft() {
    Model model =
        new Sketches()
            .in("x", ElementType.INT64, 3)
            .longs("six", 6)
            .node("a = Relu(x)")
            .node("y = Min(a, six)")
            .out("y", ElementType.INT64, 3)
            .model();
    assertThat(Sketches.after(pass, model)).isSameAs(model.graph());
  }

  @Test
  void termsAddUp() {
    Graph graph =
        Sketches.after(pass, sketch().node("a = Add(x, row)").node("y = Sub(a, six)").model());
    assertThat(Sketches.lines(graph)).containsExactly("y = Add(x, y_constant_1)");
    assertThat(weight(graph, 1)).containsExactly(-5, -4, -3);
  }

  @Test
  void signsAreKept() {
    Graph graph =
        Sketches.after(pass, sketch().node("a = Sub(row, x)").node("y = Sub(six, a)").model());
    assertThat(Sketches.lines(graph)).containsExactly("y = Add(x, y_constant_1)");
    assertThat(weight(graph, 1)).containsExactly(5, 4, 3);
    Graph negative =
        Sketches.after(pass, sketch().node("a = Sub(row, x)").node("y = Add(six, a)").model());
    assertThat(Sketches.lines(negative)).containsExactly("y = Sub(y_constant_1, x)");
    assertThat(weight(negative, 0)).containsExactly(7, 8, 9);
  }

  @Test
  void factorsMultiply() {
    Graph graph =
        Sketches.after(
            pass,
            sketch()
                .node("a = Mul(x, row)")
                .node("b = Div(a, half)")
                .node("y = Mul(nine, b)")
                .model());
    assertThat(Sketches.lines(graph)).containsExactly("y = Mul(x, y_constant_1)");
    assertThat(weight(graph, 1)).containsExactly(18, 36, 54);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "y = Mul(a, column)",
        "y = Div(six, a)",
        "y = Add(a, six)",
        "y = Div(a, zero)",
        "y = Pow(a, six)"
      })
  void whatDoesNotJoinAProductIsLeft(String line) {
    Model model = sketch().node("a = Mul(x, row)").node(line).model();
    assertThat(Sketches.after(pass, model)).isSameAs(model.graph());
  }

  @Test
  void termsThatRoundAreLeft() {
    Model model =
        sketch()
            .scalar("magic", 12582912)
            .node("a = Add(x, magic)")
            .node("y = Sub(a, magic)")
            .model();
    assertThat(Sketches.after(pass, model)).isSameAs(model.graph());
  }

  @Test
  void factorsThatVanishAreLeft() {
    Model model =
        sketch().scalar("tiny", 1e-30f).node("a = Mul(x, tiny)").node("y = Mul(a, tiny)").model();
    assertThat(Sketches.after(pass, model)).isSameAs(model.graph());
  }

  @Test
  void endOfAGeluIsLeft() {
    Model model =
        sketch()
            .in("gate", "N", 2, 3)
            .node("g = Mul(x, gate)")
            .node("h = Mul(g, half)")
            .node("y = Mul(h, row)")
            .model();
    assertThat(Sketches.after(pass, model)).isSameAs(model.graph());
  }

  @Test
  void negatedTwiceIsItself() {
    Model model = sketch().node("a = Neg(x)").node("b = Neg(a)").node("y = Exp(b)").model();
    assertThat(lines(pass, model)).containsExactly("a = Neg(x)", "y = Exp(x)");
    Model output = sketch().node("a = Neg(x)").node("y = Neg(a)").model();
    assertThat(Sketches.after(pass, output)).isSameAs(output.graph());
  }

  @Test
  void hardSigmoidAndHardSwishAreKnown() {
    Rewrite swish = new HardSwish();
    Sketches sigmoid = swish("d = Div(c, six)").node("y = Exp(d)");
    assertThat(lines(swish, sigmoid.model()))
        .containsExactly("d = HardSigmoid(x) alpha=0.16666667 beta=0.5", "y = Exp(d)");
    Sketches late = swish("d = Mul(x, c)").node("y = Div(d, six)");
    assertThat(lines(swish, late.model())).containsExactly("y = HardSwish(x)");
    assertThat(lines(swish, late.model(13)))
        .containsExactly(
            "y_gate_1 = HardSigmoid(x) alpha=0.16666667 beta=0.5", "y = Mul(x, y_gate_1)");
    Sketches early = swish("d = Mul(c, sixth)").node("y = Mul(x, d)");
    assertThat(lines(swish, early.model())).containsExactly("y = HardSwish(x)");
  }

  private static Sketches swish(String line) {
    return sketch()
        .scalar("three", 3)
        .scalar("sixth", 1 / 6f)
        .node("a = Add(x, three)")
        .node("c = Clip(a, zero, six)")
        .node(line);
  }

  @Test
  void otherNumbersOrReadersAreNoHardSwish() {
    Rewrite swish = new HardSwish();
    Model other = swish("d = Mul(c, half)").node("y = Mul(x, d)").model();
    Model read = swish("d = Div(c, six)").node("y = Mul(x, d)").out("c").model();
    Model another = sketch().node("c = HardSigmoid(x)").node("y = Mul(x, c)").model();
    Model flat =
        sketch()
            .scalar("three", 3)
            .node("a = Add(x, row)")
            .node("c = Clip(a, zero, six)")
            .node("y = Div(c, six)")
            .model();
    for (Model model : List.of(other, read, another, flat)) {
      assertThat(Sketches.after(swish, model)).isSameAs(model.graph());
    }
  }
}
