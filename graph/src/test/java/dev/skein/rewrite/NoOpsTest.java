package dev.skein.rewrite;

import static dev.skein.rewrite.Sketches.after;
import static dev.skein.rewrite.Sketches.lines;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.graph.Model;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NoOpsTest {
  private static final NoOps PASS = new NoOps();

  /** The node in question makes a of x, which is N×3×1×4 floats; y is what a is for. */
  private static Sketches around(String formula) {
    return around(formula, "N", 3, 1, 4);
  }

  private static Sketches around(String formula, Object... dims) {
    return new Sketches()
        .in("x", "N", 3, 1, 4)
        .in("flag", ElementType.BOOL)
        .longs("none", 0, 0, 0, 0)
        .longs("ones", 1, 1, 1, 1)
        .longs("axes", 0, 1, 2, 3)
        .longs("two", 2, 1, 1, 1)
        .longs("ends", Long.MAX_VALUE, Integer.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE)
        .longs("kept", 0, 0, 0, -1)
        .longs("pads", 0, 0, 0, 0, 0, 0, 0, 0)
        .scalar("zero", 0)
        .scalar("one", 1)
        .scalar("half", 0.5f)
        .scalar("lowest", Float.NEGATIVE_INFINITY)
        .scalar("highest", Float.MAX_VALUE)
        .weight("zeros", Shape.of(3, 1, 1), 0, 0, 0)
        .weight("wide", Shape.of(1, 1, 2, 1), 1, 1)
        .weight("batch", Shape.of(2, 1, 1, 1), 1, 1)
        .weight("deep", Shape.of(1, 1, 1, 1, 1), 1)
        .weight("false", Tensor.allocate(ElementType.BOOL, Shape.of()))
        .weight("true", yes())
        .node(formula)
        .type("a", dims)
        .node("y = Exp(a)")
        .out("y");
  }

  private static Tensor yes() {
    Tensor tensor = Tensor.allocate(ElementType.BOOL, Shape.of());
    tensor.data().set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
    return tensor;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a = Identity(x)",
        "a = Dropout(x)",
        "a, mask = Dropout(x, half, false)",
        "a = Dropout(x, half, )",
        "a = Cast(x) to=1",
        "a = Transpose(x) perm=[0,1,2,3]",
        "a = Reshape(x, kept)",
        "a = Flatten(x) axis=1",
        "a = Expand(x, ones)",
        "a = Slice(x, none, ends)",
        "a = Slice(x, none, ends, axes, ones)",
        "a = Tile(x, ones)",
        "a = Pad(x, pads)",
        "a = Concat(x) axis=1",
        "a = Split(x) axis=1",
        "a = Max(x)",
        "a = Add(x, zero)",
        "a = Add(zeros, x)",
        "a = Sub(x, zeros)",
        "a = Mul(one, x)",
        "a = Div(x, one)",
        "a = Pow(x, one)",
        "a = Clip(x)",
        "a = Clip(x, lowest, highest)",
        "a = Clip(x, , highest)"
      })
  void whatChangesNothingGoes(String formula) {
    assertThat(lines(after(PASS, around(formula).model()))).containsExactly("y = Exp(x)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a = Relu(x)",
        "a = Dropout(x, half, true)",
        "a = Dropout(x, half, flag)",
        "a = Cast(x) to=10",
        "a = Cast(x) to=77",
        "a = Transpose(x) perm=[0,1,3,2]",
        "a = Transpose(x)",
        "a = Expand(x, two)",
        "a = Slice(x, ones, ends)",
        "a = Slice(x, none, ends, axes, two)",
        "a = Tile(x, two)",
        "a = Pad(x, two)",
        "a = Concat(x, x) axis=1",
        "a = Add(x, one)",
        "a = Add(x, flag)",
        "a = Sub(zero, x)",
        "a = Div(one, x)",
        "a = Pow(one, x)",
        "a = Mul(x, wide)",
        "a = Mul(x, batch)",
        "a = Mul(x, deep)",
        "a = Clip(x, zero, highest)",
        "a = Clip(x, lowest, one)",
        "a = Clip(x, lowest, flag)"
      })
  void whatMayChangeSomethingStays(String formula) {
    Model model = around(formula, "M", 3, "?", 4).model();
    assertThat(after(PASS, model)).isEqualTo(model.graph());
  }

  @Test
  void sizesMustBeTheSameForCertain() {
    Model other = around("a = Reshape(x, axes)", 12, "M").model();
    assertThat(after(PASS, other)).isEqualTo(other.graph());
    Model unsure = around("a = Reshape(x, axes)", "M", "K", 1, 4).model();
    assertThat(after(PASS, unsure)).isEqualTo(unsure.graph());
    assertThat(lines(after(PASS, around("a = Reshape(x, axes)", "M", 3, 1, 4).model())))
        .describedAs("one axis in doubt follows from the count of elements")
        .containsExactly("y = Exp(x)");
    Model expanded = around("a = Expand(x, axes)", "M", 3, 1, 4).model();
    assertThat(after(PASS, expanded)).isEqualTo(expanded.graph());
    assertThat(lines(after(PASS, around("a = Expand(x, axes)").model())))
        .containsExactly("y = Exp(x)");
  }

  @Test
  void nameThatAnInputHasTwiceProvesNothing() {
    Model model =
        new Sketches()
            .in("x", "N", "N", 4)
            .in("s", ElementType.INT64, 3)
            .node("a = Expand(x, s)")
            .type("a", "N", "N", 4)
            .node("y = Exp(a)")
            .out("y")
            .model();
    assertThat(after(PASS, model)).isEqualTo(model.graph());
  }

  @Test
  void maskThatIsReadKeepsItsDropout() {
    Model model =
        new Sketches().in("x", 4).node("a, m = Dropout(x)").node("y = Not(m)").out("y").model();
    assertThat(after(PASS, model)).isEqualTo(model.graph());
  }

  @Test
  void clipBoundsOfOlderModelsAreAttributes() {
    assertThat(lines(after(PASS, around("a = Clip(x)").model(10)))).containsExactly("y = Exp(x)");
    Model model = around("a = Clip(x) min=0.0").model(10);
    assertThat(after(PASS, model)).isEqualTo(model.graph());
  }

  @Test
  void padsOfOlderModelsAreAttributes() {
    assertThat(lines(after(PASS, around("a = Pad(x) pads=[0,0,0,0,0,0,0,0]").model(10))))
        .containsExactly("y = Exp(x)");
    Model model = around("a = Pad(x) pads=[0,0,0,1,0,0,0,0]").model(10);
    assertThat(after(PASS, model)).isEqualTo(model.graph());
  }

  @Test
  void modelsOfBeforeOpset7AreLeftAlone() {
    Model model = around("a = Dropout(x)").model(6);
    assertThat(after(PASS, model)).isEqualTo(model.graph());
  }

  @Test
  void chainsGoAtOnceAndOutputsKeepTheirNames() {
    Model model =
        new Sketches()
            .in("x", "N", 4)
            .node("a = Relu(x)")
            .node("b = Identity(a)")
            .node("c = Dropout(b)")
            .node("y = Identity(c)")
            .node("z = Identity(b)")
            .out("y", "z")
            .model();
    assertThat(lines(after(PASS, model))).containsExactly("y = Relu(x)", "z = Identity(y)");
  }

  @Test
  void copiesThatTheCallerGetsOfInputsAndWeightsStay() {
    Model model =
        new Sketches()
            .in("x", 4)
            .scalar("w", 1)
            .node("y = Identity(x)")
            .node("z = Identity(w)")
            .out("y", "z")
            .model();
    assertThat(after(PASS, model)).isEqualTo(model.graph());
  }

  @Test
  void castsJoin() {
    Model widened = casts(ElementType.INT8, ElementType.INT32, ElementType.FLOAT);
    assertThat(lines(after(PASS, widened))).containsExactly("b = Cast(x) to=1", "y = Exp(b)");
    Model back = casts(ElementType.FLOAT16, ElementType.FLOAT, ElementType.FLOAT16);
    assertThat(lines(after(PASS, back))).containsExactly("y = Exp(x)");
  }

  @Test
  void castsThatLoseSomethingStay() {
    for (Model model :
        new Model[] {
          casts(ElementType.FLOAT, ElementType.FLOAT16, ElementType.FLOAT),
          casts(ElementType.FLOAT, ElementType.INT32, ElementType.FLOAT),
          casts(ElementType.INT64, ElementType.FLOAT, ElementType.INT64),
          casts(ElementType.INT64, ElementType.INT32, ElementType.INT64),
          casts(ElementType.INT16, ElementType.FLOAT, ElementType.UINT8),
          casts(ElementType.INT8, ElementType.UINT8, ElementType.INT32)
        }) {
      assertThat(after(PASS, model)).isEqualTo(model.graph());
    }
  }

  private static Model casts(ElementType first, ElementType second, ElementType third) {
    return new Sketches()
        .in("x", first, "N")
        .node("a = Cast(x) to=" + second.code())
        .node("b = Cast(a) to=" + third.code())
        .node("y = Exp(b)")
        .type("a", second, "N")
        .out("y")
        .model();
  }
}
