package dev.skein.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.quantize.QuantizationOptions.WeightForm;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightBytesTest {
  // Longer than a piece, and no multiple of it.
  private static final Shape SHAPE = Shape.of(37, 41, 3, 17);

  private static Tensor weight(Shape shape) {
    Random random = new Random(2);
    float[] values = new float[(int) shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * (1 + i % 7));
    }
    return Tensor.ofFloats(shape, values);
  }

  private static int channel(Shape shape, int axis, long index) {
    long inner = 1;
    for (int i = axis + 1; i < shape.rank(); i++) {
      inner *= shape.dim(i);
    }
    return (int) (index / inner % shape.dim(axis));
  }

  @ParameterizedTest
  @CsvSource({"0, true, 8", "1, true, 8", "3, true, 7", "0, false, 8"})
  void everyWeightIsWithinHalfAStep(int axis, boolean perChannel, int bits) {
    Tensor weight = weight(SHAPE);
    WeightForm form = new WeightForm(perChannel, bits);
    float[] scales = WeightBytes.scales(WeightBytes.extents(weight, axis), form);
    Tensor bytes = WeightBytes.of(weight, axis, scales, form);
    float[] values = weight.toFloats();
    boolean full = false;
    for (int i = 0; i < values.length; i++) {
      int number = bytes.data().get(ValueLayout.JAVA_BYTE, i);
      float scale = scales[channel(SHAPE, axis, i)];
      assertThat(Math.abs(number * scale - values[i])).isLessThanOrEqualTo(scale * 0.5001f);
      assertThat(Math.abs(number)).isLessThanOrEqualTo(form.greatest());
      full |= Math.abs(number) == form.greatest();
    }
    assertThat(full).isTrue();
    assertThat(scales).hasSize((int) SHAPE.dim(axis));
  }

  @Test
  void zerosHaveAScale() {
    float[] scales = WeightBytes.scales(new float[] {0, 2}, new WeightForm(true, 8));
    assertThat(scales).containsExactly(1, 2f / 127);
  }

  @Test
  void rowsBecomeColumns() {
    Tensor bytes = Tensor.allocate(ElementType.INT8, Shape.of(2, 3));
    for (int i = 0; i < 6; i++) {
      bytes.data().set(ValueLayout.JAVA_BYTE, i, (byte) i);
    }
    Tensor turned = WeightBytes.transposed(bytes);
    assertThat(turned.shape()).isEqualTo(Shape.of(3, 2));
    assertThat(turned.data().toArray(ValueLayout.JAVA_BYTE)).containsExactly(0, 3, 1, 4, 2, 5);
  }

  @ParameterizedTest
  @CsvSource({"-1, 3", "0, 6", "-5, 0", "2, 4", "-3, -1", "0, 0", "-3e38, 3e38", "0, 1e-40"})
  void aScaleHitsZeroAndReachesBothEnds(float min, float max) {
    for (ActivationType type : ActivationType.values()) {
      Scale scale = Scale.of(new Range(min, max), type);
      assertThat(scale.zero()).isBetween(type.least(), type.least() + ActivationType.STEPS);
      double low = (double) scale.scale() * (type.least() - scale.zero());
      double high = (double) scale.scale() * (type.least() + ActivationType.STEPS - scale.zero());
      assertThat(low).isLessThanOrEqualTo(Math.min(min, 0) + scale.scale() * 0.51);
      assertThat(high).isGreaterThanOrEqualTo(Math.max(max, 0) - scale.scale() * 0.51);
    }
  }
}
