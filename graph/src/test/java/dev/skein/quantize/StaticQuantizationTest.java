package dev.skein.quantize;

import static dev.skein.quantize.Drafts.after;
import static dev.skein.quantize.Drafts.isLeftAlone;
import static dev.skein.quantize.Drafts.lines;
import static dev.skein.quantize.Drafts.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.TestModels;
import dev.skein.graph.Attribute;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.onnx.OnnxReader;
import dev.skein.quantize.QuantizationOptions.WeightForm;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StaticQuantizationTest {
  private static final QuantizationOptions DEFAULTS = QuantizationOptions.defaults();

  /** A pass with the range -1 to 3 for all it needs. */
  private static StaticQuantization pass(Model model, QuantizationOptions options) {
    Map<String, Range> ranges = new HashMap<>();
    StaticQuantization.needed(model, options).forEach(value -> ranges.put(value, new Range(-1, 3)));
    return new StaticQuantization(ranges, options);
  }

  private static Model quantised(Model model) {
    return after(pass(model, DEFAULTS), model);
  }

  private static Drafts conv() {
    return new Drafts().gauss("w", 4, 4, 1, 1).gauss("b", 4);
  }

  @Test
  void aConvolutionAndItsReluStandBetweenConversions() {
    Model model = conv().node("c = Conv(x, w, b)").node("y = Relu(c)").out("y").model();
    Model quantised = quantised(model);
    assertThat(lines(quantised))
        .containsExactly(
            "x_q_1 = QuantizeLinear(x, x_scale_1, x_zero_1)",
            "x_dq_1 = DequantizeLinear(x_q_1, x_scale_1, x_zero_1)",
            "w_dq_1 = DequantizeLinear(w_int8_1, w_scale_1, w_zero_1)",
            "b_dq_1 = DequantizeLinear(b_int32_1, b_scale_1)",
            "y_float_1 = Conv(x_dq_1, w_dq_1, b_dq_1)",
            "y_q_1 = QuantizeLinear(y_float_1, y_scale_1, y_zero_1)",
            "y = DequantizeLinear(y_q_1, y_scale_1, y_zero_1)");
    assertThat(tensor(quantised, "w_int8_1").type()).isEqualTo(ElementType.INT8);
    assertThat(tensor(quantised, "w_scale_1").shape()).isEqualTo(Shape.of(4));
    // The range of y begins at 0: rounding up from there is what Relu does.
    assertThat(tensor(quantised, "y_zero_1").data().get(ValueLayout.JAVA_BYTE, 0)).isZero();
    assertThat(tensor(quantised, "y_scale_1").toFloats()).containsExactly(3f / 255);
    assertThat(tensor(quantised, "x_scale_1").toFloats()).containsExactly(4f / 255);
    float[] weightScales = tensor(quantised, "w_scale_1").toFloats();
    float[] biasScales = tensor(quantised, "b_scale_1").toFloats();
    for (int i = 0; i < 4; i++) {
      assertThat(biasScales[i]).isEqualTo(weightScales[i] * (4f / 255));
    }
  }

  @Test
  void aSecondTimeFindsNothing() {
    Model model =
        conv()
            .node("c = Conv(x, w, b)")
            .node("r = Relu(c)")
            .node("d = Conv(r, w)")
            .node("y = Add(r, d)")
            .node("z = Conv(y, w)")
            .out("z")
            .model();
    StaticQuantization pass = pass(model, DEFAULTS);
    Model once = after(pass, model);
    assertThat(isLeftAlone(pass, once)).isTrue();
    assertThat(isLeftAlone(pass(once, DEFAULTS), once)).isTrue();
    assertThat(pass.report(model).quantised()).isEqualTo(5);
    // The weight that three layers share is there for each of them, and as it was.
    assertThat(tensor(once, "w").toFloats()).isEqualTo(tensor(model, "w").toFloats());
  }

  @Test
  void whatOnlyMovesValuesWorksOnBytes() {
    Model model =
        conv()
            .weight("pads", dev.skein.tensor.Tensor.ofLongs(Shape.of(8), 0, 0, 1, 1, 0, 0, 1, 1))
            .node("c = Conv(x, w)")
            .node("m = MaxPool(c) kernel_shape=[2,2]")
            .node("p = Pad(m, pads)")
            .node("y = Conv(p, w)")
            .out("y")
            .model();
    assertThat(lines(quantised(model)))
        .contains(
            "m_q_1 = MaxPool(c_q_1)",
            "p_q_1 = Pad(m_q_1, pads, c_zero_1)",
            "p = DequantizeLinear(p_q_1, c_scale_1, c_zero_1)")
        .noneMatch(line -> line.startsWith("m = ") || line.startsWith("c = "));
  }

  @Test
  void aProductAtTheEndGivesFloats() {
    Model model =
        new Drafts()
            .gauss("w", 4, 4, 6, 6)
            .gauss("v", 10, 4)
            .gauss("b", 10)
            .node("c = Conv(x, w)")
            .node("f = Flatten(c)")
            .node("y = Gemm(f, v, b) transB=1")
            .out("y")
            .model();
    assertThat(StaticQuantization.needed(model, DEFAULTS)).containsExactly("x", "c");
    assertThat(lines(quantised(model)))
        .contains("f_q_1 = Flatten(c_q_1)", "y = Gemm(f, v_dq_1, b_dq_1)");
  }

  @Test
  void nodesThatNothingQuantisedReadsStayAsTheyAre() {
    Model model =
        conv()
            .node("c = Conv(x, w)")
            .node("g = GlobalAveragePool(c)")
            .node("f = Flatten(g)")
            .node("y = Relu(f)")
            .out("y")
            .model();
    StaticQuantization pass = pass(model, DEFAULTS);
    assertThat(lines(after(pass, model)))
        .contains("g = GlobalAveragePool(c)", "f = Flatten(g)", "y = Relu(f)");
    assertThat(pass.report(model).reasons())
        .isEqualTo(Map.of("nothing quantised reads what it makes", 3L));
  }

  @ParameterizedTest
  @CsvSource({"0, 6, true", "-2, 2, true", "0.5, 6, false", "-6, -1, false"})
  void aClipIsAbsorbedIfItsLimitsHoldZero(float min, float max, boolean absorbed) {
    Model model =
        conv()
            .weight("min", Shape.of(), min)
            .weight("max", Shape.of(), max)
            .node("c = Conv(x, w)")
            .node("k = Clip(c, min, max)")
            .node("y = Conv(k, w)")
            .out("y")
            .model();
    Model quantised = quantised(model);
    assertThat(lines(quantised).stream().anyMatch(line -> line.contains("Clip")))
        .isEqualTo(!absorbed);
    if (absorbed) {
      double reach = Math.min(max, 3) - Math.max(min, -1);
      assertThat(tensor(quantised, "k_scale_1").toFloats()[0]).isEqualTo((float) (reach / 255));
    }
  }

  @Test
  void aReluThatIsNotAloneInReadingBoundsBytes() {
    Model model =
        conv()
            .node("c = Conv(x, w)")
            .node("r = Relu(c)")
            .node("d = Conv(r, w)")
            .node("y = Add(c, d)")
            .out("y")
            .model();
    assertThat(lines(quantised(model)))
        .contains(
            "r_q_1 = Clip(c_q_1, c_zero_1)",
            "r = DequantizeLinear(r_q_1, c_scale_1, c_zero_1)",
            "c = DequantizeLinear(c_q_1, c_scale_1, c_zero_1)");
  }

  @Test
  void whatIsExcludedReadsFloatsThatNoRuntimeSeesThrough() {
    Model model =
        conv()
            .node("c = Conv(x, w)")
            .node("d = Conv(c, w)")
            .node("y = Conv(d, w)")
            .out("y")
            .model();
    QuantizationOptions options = DEFAULTS.without(Set.of("d"));
    StaticQuantization pass = pass(model, options);
    assertThat(lines(after(pass, model)))
        .contains(
            "c_kept_1 = Max(c, c_least_1)",
            "d = Conv(c_kept_1, w)",
            "d_q_1 = QuantizeLinear(d, d_scale_1, d_zero_1)",
            "y_float_1 = Conv(d_dq_1, w_dq_2)");
    assertThat(pass.report(model).reasons()).isEqualTo(Map.of("it is excluded", 1L));
  }

  @ParameterizedTest
  @ValueSource(strings = {"first-layer", "Conv_a", "a"})
  void layersAreExcludedByPlaceNodeOrValue(String word) {
    Model model = conv().node("a = Conv(x, w)").node("y = Conv(a, w)").out("y").model();
    Node first = model.graph().nodes().getFirst();
    Node named =
        new Node(
            "Conv_a",
            "Conv",
            "",
            first.inputs(),
            first.outputs(),
            first.attributes(),
            first.rest());
    Model with = model.with(model.graph().withNodes(List.of(named, model.graph().nodes().get(1))));
    QuantizationOptions options = DEFAULTS.without(Set.of(word));
    assertThat(lines(after(pass(with, options), with))).contains("a = Conv(x, w)");
  }

  @Test
  void onlyDepthwiseOnesAreExcludedAsSuch() {
    Model model =
        conv()
            .gauss("dw", 4, 1, 1, 1)
            .node("a = Conv(x, dw) group=4")
            .node("y = Conv(a, w)")
            .out("y")
            .model();
    QuantizationOptions options = DEFAULTS.without(Set.of(QuantizationOptions.DEPTHWISE));
    assertThat(lines(after(pass(model, options), model)))
        .contains("a = Conv(x, dw)", "y_float_1 = Conv(a_dq_1, w_dq_1)");
  }

  @Test
  void constantsBesideValuesBecomeBytesToo() {
    Model model =
        conv()
            .weight("k", Shape.of(4, 1, 1), -1, 0, 1, 3)
            .node("c = Conv(x, w)")
            .node("s = Add(c, k)")
            .node("y = Conv(s, w)")
            .out("y")
            .model();
    Model quantised = quantised(model);
    assertThat(lines(quantised))
        .contains(
            "k_dq_1 = DequantizeLinear(k_q_1, k_scale_1, k_zero_1)", "s_float_1 = Add(c, k_dq_1)");
    assertThat(tensor(quantised, "k_q_1").data().toArray(ValueLayout.JAVA_BYTE))
        .containsExactly(0, 64, (byte) 128, (byte) 255);
  }

  @Test
  void constantsThatAreNotFiniteKeepTheirReaderInFloats() {
    Model model =
        conv()
            .weight("mask", Shape.of(2, 1, 1), 0, Float.NEGATIVE_INFINITY)
            .node("c = Conv(x, w)")
            .node("s = Add(c, mask)")
            .node("y = Conv(s, w)")
            .out("y")
            .model();
    assertThat(lines(quantised(model))).contains("s = Add(c, mask)");
  }

  @Test
  void anOldOpsetHasOneScaleForAllChannels() {
    Model model = conv().node("y = Conv(x, w, b)").out("y").model(11);
    Model quantised = quantised(model);
    assertThat(tensor(quantised, "w_scale_1").shape()).isEqualTo(Shape.of());
    assertThat(tensor(quantised, "b_scale_1").shape()).isEqualTo(Shape.of());
    assertThat(quantised.graph().nodes()).allMatch(node -> !node.attributes().containsKey("axis"));
  }

  @Test
  void anOpsetWithoutQuantisationIsRefusedByNumber() {
    Model model = conv().node("y = Conv(x, w, b)").out("y").model(9);
    StaticQuantization pass = pass(model, DEFAULTS);
    assertThatThrownBy(() -> after(pass, model))
        .isInstanceOf(QuantizeException.class)
        .hasMessage(
            "opset 9 of model 'draft' knows no quantised values: raise it to 13, or export it so");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aBiasOverTinyWeightsStillFits(boolean perChannel) {
    Model model =
        new Drafts()
            .weight("w", Shape.of(2, 4, 1, 1), 1, 1, 1, 1, 1e-20f, 0, 0, 0)
            .weight("b", Shape.of(2), 0.5f, 1000)
            .node("y = Conv(x, w, b)")
            .out("y")
            .model();
    QuantizationOptions options = DEFAULTS.with(new WeightForm(perChannel, 8));
    Model quantised = after(pass(model, options), model);
    float[] scales = tensor(quantised, "b_scale_1").toFloats();
    for (int i = 0; i < 2; i++) {
      int stored = tensor(quantised, "b_int32_1").data().getAtIndex(ValueLayout.JAVA_INT, i);
      double scale = scales[perChannel ? i : 0];
      assertThat(stored * scale).isCloseTo(i == 0 ? 0.5 : 1000, byLessThan(scale));
    }
  }

  private static org.assertj.core.data.Offset<Double> byLessThan(double scale) {
    return org.assertj.core.data.Offset.offset(scale);
  }

  @Test
  void layersThatCannotBeQuantisedSayWhy() {
    Model model =
        new Drafts()
            .gauss("w", 4, 4, 1, 1)
            .weight("nan", Shape.of(4, 4, 1, 1), filled(16, Float.NaN))
            .gauss("m", 6, 6)
            .gauss("cube", 2, 6, 6)
            .node("a = Conv(x, nan)")
            .node("b = Conv(x, w)")
            .node("c = MatMul(x, b)")
            .node("d = MatMul(x, cube)")
            .node("e = Gemm(x, m) alpha=0.5")
            .out("a", "c", "d", "e")
            .model();
    assertThat(pass(model, DEFAULTS).report(model).entries())
        .extracting(QuantizationReport.Entry::reason)
        .containsExactly(
            "its weights are not all finite",
            "",
            "its weights are not constant",
            "its weights have 3 axes",
            "it scales or transposes what it reads");
  }

  private static float[] filled(int count, float value) {
    float[] values = new float[count];
    java.util.Arrays.fill(values, value);
    return values;
  }

  @Test
  void whatHasNoRangeStaysFloat() {
    Model model = conv().node("a = Conv(x, w)").node("y = Conv(a, w)").out("y").model();
    StaticQuantization pass = new StaticQuantization(Map.of("x", new Range(0, 1)), DEFAULTS);
    assertThat(isLeftAlone(pass, model)).isTrue();
    assertThat(pass.report(model).reasons())
        .containsOnlyKeys(
            "no range was measured of what it makes", "no range was measured of what it reads");
  }

  @Test
  void signedActivationsBeginAtTheLeastByte() {
    Model model = conv().node("c = Conv(x, w)").node("y = Relu(c)").out("y").model();
    Model quantised = after(pass(model, DEFAULTS.with(ActivationType.INT8)), model);
    assertThat(tensor(quantised, "y_zero_1").type()).isEqualTo(ElementType.INT8);
    assertThat(tensor(quantised, "y_zero_1").data().get(ValueLayout.JAVA_BYTE, 0))
        .isEqualTo((byte) -128);
  }

  @Test
  void splitsHandOnOneScale() {
    Model model =
        conv()
            .weight("half", Shape.of(1, 2, 1, 1), 1, 1)
            .node("c = Conv(x, w)")
            .node("l, r = Split(c)", Map.of("axis", new Attribute.OfInt(1)))
            .node("y = Conv(l, half)")
            .node("z = Concat(r, y)", Map.of("axis", new Attribute.OfInt(1)))
            .node("o = Conv(z, w2)")
            .gauss("w2", 4, 3, 1, 1)
            .out("o")
            .model();
    assertThat(lines(quantised(model)))
        .contains(
            "l_q_1, r_q_1 = Split(c_q_1)",
            "r = DequantizeLinear(r_q_1, c_scale_1, c_zero_1)",
            "z_float_1 = Concat(r, y)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mobilenetv2_1.0_224_int8_qdq.onnx",
        "shufflenet-v2-12-int8.onnx",
        "squeezenet_fp16.onnx"
      })
  void modelsThatAreNotFloatAreLeftAlone(String file) {
    Model model = OnnxReader.read(TestModels.file(file));
    assertThat(StaticQuantization.needed(model, DEFAULTS)).isEmpty();
    assertThat(isLeftAlone(pass(model, DEFAULTS), model)).isTrue();
  }
}
