package dev.skein.rewrite;

import static dev.skein.rewrite.Sketches.after;
import static dev.skein.rewrite.Sketches.lines;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DuplicatesTest {
  private static final Duplicates PASS = new Duplicates();

  @Test
  void equalNodesBecomeOneAndWhatFollowsFromThemToo() {
    Graph graph =
        after(
            PASS,
            new Sketches()
                .in("x", 4)
                .node("a = Elu(x) alpha=0.5")
                .node("b = Elu(x) alpha=0.5")
                .node("c, d = Split(a) axis=0")
                .node("e, f = Split(b) axis=0")
                .node("y = Concat(c, d, e, f) axis=0")
                .out("y")
                .model());
    assertThat(lines(graph))
        .containsExactly(
            "a = Elu(x) alpha=0.5", "c, d = Split(a) axis=0", "y = Concat(c, d, c, d) axis=0");
  }

  @Test
  void nodesThatDifferStay() {
    Model model =
        new Sketches()
            .in("x", 4)
            .in("z", 4)
            .node("a = Elu(x) alpha=0.5")
            .node("b = Elu(x) alpha=0.25")
            .node("c = Elu(z) alpha=0.5")
            .node("d = Celu(x) alpha=0.5")
            .node("e, f = Split(x) axis=0")
            .node("g,  = Split(x) axis=0")
            .node("h = RandomNormalLike(x)")
            .node("i = RandomNormalLike(x)")
            .node("y = Sum(a, b, c, d, e, f, g, h, i)")
            .out("y")
            .model();
    assertThat(after(PASS, model)).isEqualTo(model.graph());
  }

  @Test
  void outputsStayUnderTheirNames() {
    Graph graph =
        after(
            PASS,
            new Sketches()
                .in("x", 4)
                .node("a = Exp(x)")
                .node("b = Exp(x)")
                .node("c = Exp(x)")
                .node("d = Neg(a)")
                .out("b", "c", "d")
                .model());
    assertThat(lines(graph)).containsExactly("b = Exp(x)", "d = Neg(b)", "c = Identity(b)");
  }

  @Test
  void equalWeightsBecomeOneWhateverTheirMemory() {
    float[] many = new float[5000];
    Sketches sketch = new Sketches().in("x", 5000);
    sketch.weight("w", Shape.of(5000), many).weight("v", Shape.of(5000), many);
    many[4001] = 1;
    sketch.weight("u", Shape.of(5000), many).weight("flat", Shape.of(50, 100), many);
    Graph graph =
        after(
            PASS,
            sketch
                .scalar("s", 1)
                .scalar("t", 1)
                .node("a = Sum(x, w, v, u)")
                .node("b = Mul(a, s)")
                .node("y = Op(b, t, flat)")
                .out("y")
                .model());
    assertThat(lines(graph))
        .containsExactly("a = Sum(x, w, w, u)", "b = Mul(a, s)", "y = Op(b, s, flat)");
    assertThat(graph.weights()).containsOnlyKeys("w", "u", "flat", "s");
  }

  @Test
  void smallWeightsAreToldApartAtOnce() {
    Set<Long> samples = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      samples.add(Duplicates.sample(Tensor.ofFloats(Shape.of(), i)));
      samples.add(Duplicates.sample(Tensor.ofFloats(Shape.of(3), 1, 2, i)));
    }
    assertThat(samples).hasSizeGreaterThan(1990);
  }

  @Test
  void weightsOfOtherTypesStay() {
    Model model =
        new Sketches()
            .in("x", 4)
            .weight("a", Tensor.allocate(ElementType.INT64, Shape.of(4)))
            .weight("b", Tensor.allocate(ElementType.DOUBLE, Shape.of(4)))
            .weight("c", Tensor.allocate(ElementType.INT64, Shape.of(4, 1)))
            .node("y = Op(x, a, b, c)")
            .out("y")
            .model();
    assertThat(after(PASS, model)).isEqualTo(model.graph());
  }
}
