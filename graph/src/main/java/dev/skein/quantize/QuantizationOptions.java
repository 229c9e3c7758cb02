package dev.skein.quantize;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * How a model becomes int8.
 *
 * @param exclude what stays as it is: names of nodes or of values they make, operators ({@code
 *     MatMul}), {@link #FIRST_LAYER}, {@link #LAST_LAYER}, {@link #DEPTHWISE}
 */
public record QuantizationOptions(
    RangeRule rule, ActivationType activations, WeightForm weights, Set<String> exclude) {
  /** The first node with weights. */
  public static final String FIRST_LAYER = "first-layer";

  /** The last node with weights. */
  public static final String LAST_LAYER = "last-layer";

  /** Convolutions with one filter for each channel. */
  public static final String DEPTHWISE = "depthwise";

  /**
   * How weights are held: signed, symmetric around zero.
   *
   * @param perChannel whether each output channel has a scale of its own
   * @param bits 8, or 7 for x86 processors without VNNI, whose 8-bit products are added in 16 bits
   *     and overflow
   */
  public record WeightForm(boolean perChannel, int bits) {
    public WeightForm {
      if (bits != 7 && bits != 8) {
        throw new QuantizeException("weights of " + bits + " bits: choose 7 or 8");
      }
    }

    int greatest() {
      return (1 << (bits - 1)) - 1;
    }
  }

  public QuantizationOptions {
    exclude = Set.copyOf(exclude);
  }

  /**
   * Unsigned activations, a scale for each channel, and the rule that loses least top-1 on real
   * models and data: {@code skein lab quantization} prints all of them.
   */
  public static QuantizationOptions defaults() {
    return new QuantizationOptions(
        RangeRule.of(CalibrationMethod.PERCENTILE),
        ActivationType.UINT8,
        new WeightForm(true, 8),
        Set.of());
  }

  public QuantizationOptions with(RangeRule other) {
    return new QuantizationOptions(other, activations, weights, exclude);
  }

  public QuantizationOptions with(ActivationType other) {
    return new QuantizationOptions(rule, other, weights, exclude);
  }

  public QuantizationOptions with(WeightForm other) {
    return new QuantizationOptions(rule, activations, other, exclude);
  }

  /** With these left out too. */
  public QuantizationOptions without(Set<String> more) {
    Set<String> all = new LinkedHashSet<>(exclude);
    all.addAll(more);
    return new QuantizationOptions(rule, activations, weights, all);
  }
}
