package dev.skein.optimize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.skein.graph.Dim;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Opaque;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.graph.Weight;
import dev.skein.input.InputException;
import dev.skein.quantize.CalibrationMethod;
import dev.skein.quantize.Histogram;
import dev.skein.quantize.QuantizationOptions;
import dev.skein.quantize.QuantizeException;
import dev.skein.quantize.Range;
import dev.skein.quantize.RangeRule;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CalibratorTest {
  private static final QuantizationOptions MIN_MAX =
      QuantizationOptions.defaults().with(RangeRule.of(CalibrationMethod.MIN_MAX));

  /** y = Log(x) · [[2, 0], [0, -3]], for one row or for many. */
  private static Model model(Dim rows) {
    Value x = Value.of("x", new TensorType(ElementType.FLOAT, List.of(rows, Dim.of(2))));
    Graph graph =
        new Graph(
            "log",
            List.of(x),
            List.of(Value.of("y", null)),
            List.of(
                Node.of("Log", List.of("x"), List.of("l")),
                Node.of("MatMul", List.of("l", "w"), List.of("y"))),
            Map.of("w", new Weight.Held(Tensor.ofFloats(Shape.of(2, 2), 2, 0, 0, -3))),
            List.of(),
            Opaque.NONE);
    return new Model(graph, 7, Map.of("", 13L), Map.of(), Opaque.NONE);
  }

  private static List<Map<String, Tensor>> samples(int count) {
    Random random = new Random(4);
    List<Map<String, Tensor>> samples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float a = (float) Math.exp(random.nextGaussian());
      float b = (float) Math.exp(random.nextGaussian());
      samples.add(Map.of("x", Tensor.ofFloats(Shape.of(1, 2), a, b)));
    }
    return samples;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void rangesAreThoseOfAllSamplesBatchedOrNot(boolean batched) {
    List<Map<String, Tensor>> samples = samples(150);
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (Map<String, Tensor> sample : samples) {
      for (float value : sample.get("x").toFloats()) {
        least = Math.min(least, Math.log(value));
        most = Math.max(most, Math.log(value));
      }
    }
    Model model = model(batched ? Dim.named("N") : Dim.of(1));
    Map<String, Range> ranges = Calibrator.ranges(model, samples, MIN_MAX);
    assertThat(ranges).containsOnlyKeys("l");
    assertThat((double) ranges.get("l").min()).isCloseTo(least, within(1e-5));
    assertThat((double) ranges.get("l").max()).isCloseTo(most, within(1e-5));
  }

  @ParameterizedTest
  @EnumSource(CalibrationMethod.class)
  void inputsAndOutputsAreWatchedToo(CalibrationMethod method) {
    Map<String, Histogram> seen =
        Calibrator.histograms(model(Dim.named("N")), Set.of("x", "y"), samples(99));
    assertThat(seen.get("x").count()).isEqualTo(198);
    assertThat(seen.get("y").count()).isEqualTo(198);
    Map<String, Range> ranges = Calibrator.ranges(seen, RangeRule.of(method));
    assertThat(ranges.get("x").min()).isNotNegative();
    assertThat(ranges.get("y").min()).isNegative();
  }

  @Test
  void aValueThatIsNoNumberIsNamed() {
    List<Map<String, Tensor>> samples = new ArrayList<>(samples(3));
    samples.add(Map.of("x", Tensor.ofFloats(Shape.of(1, 2), 1, -1)));
    assertThatThrownBy(() -> Calibrator.ranges(model(Dim.named("N")), samples, MIN_MAX))
        .isInstanceOf(QuantizeException.class)
        .hasMessage("value 'l': a value becomes NaN on the calibration data");
  }

  @Test
  void noSampleIsRefused() {
    assertThatThrownBy(() -> Calibrator.ranges(model(Dim.named("N")), List.of(), MIN_MAX))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("at least one");
  }

  @Test
  void samplesOfDifferentSizeGoOneAfterTheOther() {
    List<Map<String, Tensor>> samples = new ArrayList<>(samples(2));
    samples.add(Map.of("x", Tensor.ofFloats(Shape.of(2, 2), 1, 1, 1, 100)));
    samples.addAll(samples(2));
    assertThat(Calibrator.ranges(model(Dim.named("N")), samples, MIN_MAX).get("l").max())
        .isEqualTo((float) Math.log(100), within(1e-4f));
  }

  @Test
  void quantisedByWhatWasSeenItComputesNearlyTheSame() {
    Model model = model(Dim.named("N"));
    Quantizer.Quantized quantised = Quantizer.statically(model, samples(200), MIN_MAX);
    assertThat(quantised.report().quantised()).isEqualTo(1);
    assertThat(quantised.report().reasons())
        .isEqualTo(Map.of("there is no integer form of Log", 1L));
    assertThat(quantised.model().graph().weights()).doesNotContainKey("w");
  }

  @Test
  void aModelWithNothingToQuantiseIsRefusedWithTheReason() {
    Graph graph = model(Dim.of(1)).graph();
    Model bare =
        model(Dim.of(1))
            .with(
                new Graph(
                    "log",
                    graph.inputs(),
                    List.of(Value.of("l", null)),
                    graph.nodes().subList(0, 1),
                    Map.of(),
                    List.of(),
                    Opaque.NONE));
    assertThatThrownBy(() -> Quantizer.statically(bare, samples(1), MIN_MAX))
        .isInstanceOf(QuantizeException.class)
        .hasMessage("no node of model 'log' can be quantised: [there is no integer form of Log]");
    assertThatThrownBy(() -> Quantizer.dynamically(bare, MIN_MAX))
        .hasMessageStartingWith("no node of model 'log' can be quantised");
  }
}
