package dev.skein.optimize;

import dev.skein.graph.Model;
import dev.skein.quantize.QuantizationOptions;
import dev.skein.quantize.QuantizeException;
import dev.skein.quantize.RangeRule;
import dev.skein.tensor.Tensor;
import java.util.Locale;
import java.util.Map;

/**
 * A quantised model beside the one it was made of.
 *
 * @param operators how many were quantised; for {@link Kind#FP16}, weights
 * @param difference from the plain result, relative to its range
 * @param ratio time over the plain model's, both as ONNX Runtime runs them with all optimisations
 */
public record QuantizationTrial(
    Kind kind, Model model, long operators, double difference, double ratio) {
  /** What is quantised. */
  public enum Kind {
    /** Weights and activations are bytes; their ranges are known beforehand. */
    STATIC,
    /** Weights are bytes; the ranges of activations are found on every run. */
    DYNAMIC,
    /** Weights are stored in half precision and computed with in single. */
    FP16
  }

  /** Half-precision storage pays with bytes of the file; integers pay with time. */
  public boolean pays() {
    return ratio <= (kind == Kind.FP16 ? Optimizer.MOST_SLOWER : 1);
  }

  /** One line: what it did, and whether it is worth keeping on this device. */
  public String reason() {
    String what = kind == Kind.FP16 ? "weights" : "operators";
    return String.format(
        Locale.ROOT,
        "%d %s, %.2f of the time of the float model here: %s",
        operators,
        what,
        ratio,
        pays() ? "it pays" : "it does not pay");
  }

  /**
   * @param trial its plain model is the one to quantise, rewritten already
   * @param calibration inputs as the model will meet them; only {@link Kind#STATIC} looks at them
   * @throws dev.skein.quantize.QuantizeException if nothing in the model can be quantised
   */
  public static QuantizationTrial of(
      Trial trial, Kind kind, Iterable<Map<String, Tensor>> calibration, RangeRule rule) {
    QuantizationOptions options = QuantizationOptions.defaults().with(rule);
    Model plain = trial.plain();
    return switch (kind) {
      case STATIC -> of(trial, kind, Quantizer.statically(plain, calibration, options));
      case DYNAMIC -> of(trial, kind, Quantizer.dynamically(plain, options));
      case FP16 -> {
        Model half = Quantizer.halved(plain);
        long stored = (long) half.graph().nodes().size() - plain.graph().nodes().size();
        if (stored == 0) {
          throw new QuantizeException(
              "no weight of model '%s' gains from half precision".formatted(plain.graph().name()));
        }
        yield of(trial, kind, half, stored);
      }
    };
  }

  private static QuantizationTrial of(Trial trial, Kind kind, Quantizer.Quantized made) {
    return of(trial, kind, made.model(), made.report().quantised());
  }

  private static QuantizationTrial of(Trial trial, Kind kind, Model model, long operators) {
    return new QuantizationTrial(
        kind, model, operators, trial.difference(model), trial.time(model).ratio());
  }
}
