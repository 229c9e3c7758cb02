package dev.skein.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class HistogramTest {
  private static final int COUNT = 200_000;

  private static float[] draw(Consumer<float[]> fill) {
    float[] values = new float[COUNT];
    fill.accept(values);
    return values;
  }

  private static float[] gaussian(double scale, double shift) {
    Random random = new Random(5);
    return draw(values -> {
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (random.nextGaussian() * scale + shift);
      }
    });
  }

  private static Histogram of(float[] values) {
    Histogram histogram = new Histogram();
    histogram.add(values);
    return histogram;
  }

  @Test
  void minMaxIsExact() {
    float[] values = gaussian(3, 1);
    float[] sorted = values.clone();
    Arrays.sort(sorted);
    assertThat(of(values).range(RangeRule.of(CalibrationMethod.MIN_MAX)))
        .isEqualTo(new Range(sorted[0], sorted[COUNT - 1]));
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-12, 0.3, 1, 40, 1e25})
  void percentilesAreThoseOfTheSortedValuesToWithinABin(double scale) {
    float[] values = gaussian(scale, scale / 3);
    float[] sorted = values.clone();
    Arrays.sort(sorted);
    for (double percent : new double[] {50, 90, 99, 99.9, 99.99}) {
      Range range = of(values).range(new RangeRule(CalibrationMethod.PERCENTILE, percent));
      int cut = (int) Math.floor(COUNT * (100 - percent) / 200);
      double bin = 2.0 * Math.max(-sorted[0], sorted[COUNT - 1]) / Histogram.SIDE;
      assertThat((double) range.min()).isCloseTo(sorted[cut], within(bin));
      assertThat((double) range.max()).isCloseTo(sorted[COUNT - 1 - cut], within(bin));
    }
  }

  @ParameterizedTest
  @EnumSource(CalibrationMethod.class)
  void whatCameFirstDoesNotMatter(CalibrationMethod method) {
    float[] values = gaussian(1, 0);
    float[] spread = values.clone();
    for (int i = 0; i < spread.length; i += 1000) {
      spread[i] *= 50;
    }
    float[] backwards = new float[COUNT];
    for (int i = 0; i < COUNT; i++) {
      backwards[i] = spread[COUNT - 1 - i];
    }
    Histogram inPieces = new Histogram();
    for (int at = 0; at < COUNT; at += 777) {
      inPieces.add(Arrays.copyOfRange(backwards, at, Math.min(COUNT, at + 777)));
    }
    RangeRule rule = RangeRule.of(method);
    assertThat(inPieces.range(rule)).isEqualTo(of(spread).range(rule));
  }

  @ParameterizedTest
  @EnumSource(
      value = CalibrationMethod.class,
      names = {"PERCENTILE", "ENTROPY"})
  void aLoneOutlierIsCutOff(CalibrationMethod method) {
    float[] values = gaussian(1, 0);
    values[17] = 100;
    Range range = of(values).range(RangeRule.of(method));
    assertThat(range.max()).isBetween(2f, 20f);
    assertThat(range.min()).isBetween(-20f, -2f);
  }

  @Test
  void entropyKeepsWhatEightBitsHold() {
    Random random = new Random(1);
    float[] uniform =
        draw(values -> {
          for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
          }
        });
    Range range = of(uniform).range(RangeRule.of(CalibrationMethod.ENTROPY));
    assertThat(range.min()).isBetween(0f, 0.01f);
    assertThat(range.max()).isGreaterThan(0.95f);
  }

  @ParameterizedTest
  @EnumSource(CalibrationMethod.class)
  void zerosAloneAreARange(CalibrationMethod method) {
    assertThat(of(new float[] {0, 0, -0f}).range(RangeRule.of(method))).isEqualTo(new Range(0, 0));
  }

  @ParameterizedTest
  @EnumSource(CalibrationMethod.class)
  void extremesFit(CalibrationMethod method) {
    Range range = of(new float[] {-Float.MAX_VALUE, Float.MAX_VALUE}).range(RangeRule.of(method));
    assertThat(range).isEqualTo(new Range(-Float.MAX_VALUE, Float.MAX_VALUE));
    assertThat(of(new float[] {Float.MIN_VALUE}).range(RangeRule.of(method)).max())
        .isEqualTo(Float.MIN_VALUE);
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void whatIsNoNumberIsRefused(float value) {
    assertThatThrownBy(() -> new Histogram().add(1, value, 2))
        .isInstanceOf(QuantizeException.class)
        .hasMessage("a value becomes " + value + " on the calibration data");
  }

  @Test
  void nothingSeenIsNoRange() {
    assertThatThrownBy(() -> new Histogram().range(RangeRule.of(CalibrationMethod.MIN_MAX)))
        .isInstanceOf(QuantizeException.class)
        .hasMessageContaining("at least one sample");
    assertThatThrownBy(() -> new RangeRule(CalibrationMethod.PERCENTILE, 101))
        .hasMessage("percentile is 101.0, but must be between 50 and 100");
  }
}
