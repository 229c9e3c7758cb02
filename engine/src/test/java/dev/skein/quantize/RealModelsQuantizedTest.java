package dev.skein.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.engine.Optimization;
import dev.skein.engine.RealModels;
import dev.skein.engine.ShapeProbe;
import dev.skein.graph.Model;
import dev.skein.onnx.OnnxReader;
import dev.skein.onnx.OnnxWriter;
import dev.skein.tensor.Difference;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RealModelsQuantizedTest {
  private static final QuantizationOptions DEFAULTS = QuantizationOptions.defaults();

  /** Where everything becomes integer but what is named behind the model. */
  @ParameterizedTest
  @CsvSource({
    "cifar10_resnet20.onnx, 0.01",
    "tiny_cifar10_resnet8.onnx, 0.01",
    "mobilenetv2_1.0_224.onnx, 0.03",
    "squeezenet1.1.onnx, 0.01",
    "shufflenet_v2_x1.0.onnx, 0.03",
    "tiny_kws_dscnn.onnx, 0.05"
  })
  void everyLayerRunsAsAnIntegerKernelAndTheOutputStaysNear(String name, double noise) {
    Model ready = Quantising.ready(RealModels.read(name));
    Map<String, Tensor> inputs = RealModels.inputs(ready, 1);
    Model quantised =
        Quantising.quantised(ready, List.of(inputs, RealModels.inputs(ready, 2)), DEFAULTS);
    Map<String, Tensor> expected = Quantising.run(ready, inputs, Optimization.ALL);
    Map<String, Tensor> actual = Quantising.run(quantised, inputs, Optimization.ALL);
    assertThat(Quantising.noise(expected, actual)).isLessThan(noise);
    assertThat(Quantising.kernels(quantised)).doesNotContainKeys("Conv", "FusedConv", "MatMul");
    Model written = OnnxReader.read(OnnxWriter.toBytes(quantised));
    assertThat(Difference.of(actual, Quantising.run(written, inputs, Optimization.ALL))).isZero();
    assertThat(weights(quantised)).isLessThan(weights(ready) * 0.4);
  }

  private static double weights(Model model) {
    return model.graph().weights().values().stream().mapToDouble(weight -> weight.bytes()).sum();
  }

  /** The graph as written says what is computed; integer kernels round it in another way. */
  @Test
  void asWrittenItIsThatQuantisedModel() {
    Model ready = Quantising.ready(RealModels.read("cifar10_resnet20.onnx"));
    Map<String, Tensor> inputs = RealModels.inputs(ready, 1);
    Model quantised = Quantising.quantised(ready, List.of(inputs), DEFAULTS);
    Map<String, Tensor> written = Quantising.run(quantised, inputs, Optimization.NONE);
    Map<String, Tensor> fused = Quantising.run(quantised, inputs, Optimization.ALL);
    Map<String, Tensor> plain = Quantising.run(ready, inputs, Optimization.ALL);
    assertThat(Quantising.noise(written, fused)).isLessThan(0.01);
    assertThat(Quantising.noise(plain, written)).isLessThan(0.01);
  }

  @ParameterizedTest
  @ValueSource(strings = {"depthwise", "first-layer", "last-layer"})
  void whatIsExcludedRunsInFloats(String word) {
    Model ready = Quantising.ready(RealModels.read("mobilenetv2_1.0_224.onnx"));
    Map<String, Tensor> inputs = RealModels.inputs(ready, 1);
    Model quantised = Quantising.quantised(ready, List.of(inputs), DEFAULTS.without(Set.of(word)));
    Map<String, Integer> kernels = Quantising.kernels(quantised);
    assertThat(kernels).containsEntry("Conv", word.equals("depthwise") ? 17 : 1);
    Map<String, Tensor> expected = Quantising.run(ready, inputs, Optimization.ALL);
    Map<String, Tensor> actual = Quantising.run(quantised, inputs, Optimization.ALL);
    assertThat(Quantising.noise(expected, actual)).isLessThan(0.03);
  }

  @ParameterizedTest
  @ValueSource(strings = {"FastestDet.onnx", "shufflenet_v2_x1.0.onnx", "squeezenet_fp16.onnx"})
  void raisingTheOpsetChangesNothing(String name) {
    Model model = ShapeProbe.annotate(RealModels.read(name));
    Model raised = OpsetUpgrade.apply(model);
    assertThat(raised.opsets()).containsEntry("", 13L);
    Map<String, Tensor> inputs = RealModels.inputs(model, 3);
    Map<String, Tensor> expected = Quantising.run(model, inputs, Optimization.NONE);
    Map<String, Tensor> actual = Quantising.run(raised, inputs, Optimization.NONE);
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    expected.forEach((output, tensor) -> {
      Tensor other = actual.get(output);
      assertThat(other.shape()).isEqualTo(tensor.shape());
      // Half-precision kernels of different opsets may round differently.
      assertThat(numbers(other))
          .usingComparatorWithPrecision(tensor.type() == ElementType.FLOAT ? 0.0 : 1e-3)
          .containsExactly(numbers(tensor));
    });
  }

  private static double[] numbers(Tensor tensor) {
    double[] numbers = new double[(int) tensor.shape().elements()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] =
          tensor.type() == ElementType.FLOAT
              ? tensor.data().getAtIndex(Tensor.FLOAT, i)
              : Float.float16ToFloat(tensor.data().getAtIndex(ValueLayout.JAVA_SHORT, i));
    }
    return numbers;
  }

  @Test
  void halfStorageCostsAlmostNothing() {
    Model ready = Quantising.ready(RealModels.read("mobilenetv2_cifar10.onnx"));
    Map<String, Tensor> inputs = RealModels.inputs(ready, 1);
    Model half = Quantising.rewritten(ready, new HalfStorage());
    assertThat(weights(half)).isLessThan(weights(ready) * 0.51);
    assertThat(
            Quantising.noise(
                Quantising.run(ready, inputs, Optimization.ALL),
                Quantising.run(half, inputs, Optimization.ALL)))
        .isLessThan(1e-5);
    // What runs is the same: the Casts are done when the model is opened.
    assertThat(Quantising.kernels(half)).isEqualTo(Quantising.kernels(ready));
  }

  @Test
  void dynamicProductsAreOneKernelEach() {
    Model ready = Quantising.ready(RealModels.read("tiny_anomaly_autoencoder.onnx"));
    Map<String, Tensor> inputs = RealModels.inputs(ready, 1);
    Model dynamic = Quantising.rewritten(ready, new DynamicQuantization(DEFAULTS));
    assertThat(Quantising.kernels(dynamic))
        .containsEntry("DynamicQuantizeMatMul", 10)
        .doesNotContainKeys("Gemm", "MatMul");
    assertThat(
            Quantising.noise(
                Quantising.run(ready, inputs, Optimization.ALL),
                Quantising.run(dynamic, inputs, Optimization.ALL)))
        .isLessThan(0.01);
  }

  @Test
  void bothOldAndUnknownFormsAreRefusedInOneLine() {
    Model model = RealModels.read("all-minilm-l6-v2-q.onnx");
    assertThatThrownBy(() -> OpsetUpgrade.apply(model))
        .isInstanceOf(QuantizeException.class)
        .hasMessageMatching("cannot raise model '.*' from opset 11 to 13 because of .*")
        .message()
        .doesNotContain("\n");
  }
}
