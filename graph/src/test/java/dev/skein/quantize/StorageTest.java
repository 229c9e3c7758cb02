package dev.skein.quantize;

import static dev.skein.quantize.Drafts.after;
import static dev.skein.quantize.Drafts.isLeftAlone;
import static dev.skein.quantize.Drafts.lines;
import static dev.skein.quantize.Drafts.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.graph.Model;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Passes that need no calibration: half-precision storage and dynamic int8. */
class StorageTest {
  private static final HalfStorage HALF = new HalfStorage();
  private static final DynamicQuantization DYNAMIC =
      new DynamicQuantization(QuantizationOptions.defaults());

  private static float[] filled(float value) {
    float[] values = new float[HalfStorage.LEAST_ELEMENTS];
    Arrays.fill(values, 1 + 1e-3f);
    values[7] = value;
    return values;
  }

  private static Drafts add(float value) {
    return new Drafts()
        .weight("w", Shape.of(HalfStorage.LEAST_ELEMENTS), filled(value))
        .node("y = Add(x, w)")
        .out("y");
  }

  @Test
  void bigWeightsAreStoredInHalf() {
    Model half = after(HALF, add(-65504).model());
    assertThat(lines(half)).containsExactly("w = Cast(w_half_1)", "y = Add(x, w)");
    assertThat(half.graph().weights()).containsOnlyKeys("w_half_1");
    assertThat(tensor(half, "w_half_1").type()).isEqualTo(ElementType.FLOAT16);
    short stored = tensor(half, "w_half_1").data().getAtIndex(ValueLayout.JAVA_SHORT, 0);
    assertThat(Float.float16ToFloat(stored)).isEqualTo(1 + 0x1p-10f);
    assertThat(isLeftAlone(HALF, half)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(floats = {65505, -1e30f, Float.NaN, Float.POSITIVE_INFINITY})
  void whatHalfCannotHoldStays(float value) {
    assertThat(isLeftAlone(HALF, add(value).model())).isTrue();
  }

  @Test
  void smallWeightsAndOutputsStay() {
    assertThat(
            isLeftAlone(HALF, new Drafts().gauss("w", 255).node("y = Add(x, w)").out("y").model()))
        .isTrue();
    assertThat(isLeftAlone(HALF, add(1).out("w").model())).isTrue();
  }

  @Test
  void productsBecomeIntegerOnes() {
    Model model =
        new Drafts()
            .gauss("w", 6, 3)
            .gauss("v", 5, 3)
            .gauss("b", 5)
            .node("m = MatMul(x, w)")
            .node("y = Gemm(m, v, b) transB=1")
            .node("z = Gemm(m, v) transB=1")
            .out("y", "z")
            .model();
    Model dynamic = after(DYNAMIC, model);
    assertThat(lines(dynamic))
        .containsExactly(
            "x_q_1, x_scale_1, x_zero_1 = DynamicQuantizeLinear(x)",
            "m_int32_1 = MatMulInteger(x_q_1, w_int8_1, x_zero_1)",
            "m_sum_1 = Cast(m_int32_1)",
            "m_scale_1 = Mul(x_scale_1, w_scale_1)",
            "m = Mul(m_sum_1, m_scale_1)",
            "m_q_1, m_scale_2, m_zero_1 = DynamicQuantizeLinear(m)",
            "y_int32_1 = MatMulInteger(m_q_1, v_int8_1, m_zero_1)",
            "y_sum_1 = Cast(y_int32_1)",
            "y_scale_1 = Mul(m_scale_2, v_scale_1)",
            "y_product_1 = Mul(y_sum_1, y_scale_1)",
            "y = Add(y_product_1, b)",
            "z_int32_1 = MatMulInteger(m_q_1, v_int8_2, m_zero_1)",
            "z_sum_1 = Cast(z_int32_1)",
            "z_scale_1 = Mul(m_scale_2, v_scale_2)",
            "z = Mul(z_sum_1, z_scale_1)");
    assertThat(tensor(dynamic, "v_int8_1").shape()).isEqualTo(Shape.of(3, 5));
    assertThat(tensor(dynamic, "v_scale_1").shape()).isEqualTo(Shape.of(5));
    assertThat(isLeftAlone(DYNAMIC, dynamic)).isTrue();
  }

  @Test
  void whatStaysFloatSaysWhy() {
    Model model =
        new Drafts()
            .gauss("w", 6, 6)
            .node("a = MatMul(x, w)")
            .node("b = MatMul(x, a)")
            .node("c = Relu(x)")
            .out("a", "b", "c")
            .model();
    DynamicQuantization without =
        new DynamicQuantization(QuantizationOptions.defaults().without(Set.of("a")));
    assertThat(without.report(model).entries())
        .extracting(QuantizationReport.Entry::reason)
        .containsExactly(
            "it is excluded", "its weights are not constant", "there is no dynamic form of Relu");
    assertThat(isLeftAlone(without, model)).isTrue();
  }

  @Test
  void anOpsetWithoutDynamicQuantisationIsRefusedByNumber() {
    Model model = new Drafts().gauss("w", 6, 6).node("y = MatMul(x, w)").out("y").model(10);
    assertThatThrownBy(() -> after(DYNAMIC, model))
        .isInstanceOf(QuantizeException.class)
        .hasMessageStartingWith("opset 10 of model 'draft' knows no dynamic quantisation");
  }
}
