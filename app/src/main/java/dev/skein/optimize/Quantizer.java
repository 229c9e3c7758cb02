package dev.skein.optimize;

import dev.skein.engine.ShapeProbe;
import dev.skein.graph.Model;
import dev.skein.quantize.DynamicQuantization;
import dev.skein.quantize.HalfStorage;
import dev.skein.quantize.OpsetUpgrade;
import dev.skein.quantize.QuantizationOptions;
import dev.skein.quantize.Range;
import dev.skein.quantize.RangeRule;
import dev.skein.quantize.StaticQuantization;
import dev.skein.rewrite.DeadCode;
import dev.skein.rewrite.Rewrite;
import dev.skein.rewrite.Rewriter;
import dev.skein.tensor.Tensor;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Makes a model's numbers smaller, and says whether that pays on this device. */
public final class Quantizer {
  /** What is quantised. */
  public enum Kind {
    /** Weights and activations are bytes; their ranges are known beforehand. */
    STATIC,
    /** Weights are bytes; the ranges of activations are found on every run. */
    DYNAMIC,
    /** Weights are stored in half precision and computed with in single. */
    FP16
  }

  private Quantizer() {}

  /**
   * A quantised model beside the one it was made of.
   *
   * @param operators how many were quantised; for {@link Kind#FP16}, weights
   * @param difference from the plain result, relative to its range
   * @param ratio time over the plain model's, both as ONNX Runtime runs them with all optimisations
   */
  public record Outcome(Kind kind, Model model, long operators, double difference, double ratio) {
    /** Half-precision storage pays with bytes of the file; integers pay with time. */
    public boolean pays() {
      return operators > 0 && ratio <= (kind == Kind.FP16 ? Optimizer.MOST_SLOWER : 1);
    }

    /** One line: what it did, and whether it is worth keeping on this device. */
    public String reason() {
      if (operators == 0) {
        return "there is nothing in this model to quantise";
      }
      String what = kind == Kind.FP16 ? "weights" : "operators";
      return String.format(
          Locale.ROOT,
          "%d %s, %.2f of the time of the float model here: %s",
          operators,
          what,
          ratio,
          pays() ? "it pays" : "it does not pay");
    }
  }

  /**
   * @param trial its plain model is the one to quantise, rewritten already
   * @param calibration inputs as the model will meet them; only {@link Kind#STATIC} looks at them
   * @throws OptimizeException if static quantisation has nothing to calibrate with
   */
  public static Outcome quantize(
      Trial trial, Kind kind, Iterable<Map<String, Tensor>> calibration, RangeRule rule) {
    QuantizationOptions options = QuantizationOptions.defaults().with(rule);
    Model model = trial.plain();
    return switch (kind) {
      case FP16 -> {
        HalfStorage pass = new HalfStorage();
        Model half = apply(pass, model);
        yield outcome(
            trial, kind, half, half.graph().nodes().size() - model.graph().nodes().size());
      }
      case DYNAMIC -> {
        Model upgraded = OpsetUpgrade.concerns(model) ? OpsetUpgrade.apply(model) : model;
        DynamicQuantization pass = new DynamicQuantization(options);
        yield outcome(trial, kind, apply(pass, upgraded), pass.report(upgraded).quantised());
      }
      case STATIC -> {
        Model upgraded = OpsetUpgrade.concerns(model) ? OpsetUpgrade.apply(model) : model;
        Map<String, Range> ranges = Calibrator.ranges(upgraded, calibration, options);
        StaticQuantization pass = new StaticQuantization(ranges, options);
        yield outcome(trial, kind, apply(pass, upgraded), pass.report(upgraded).quantised());
      }
    };
  }

  private static Model apply(Rewrite pass, Model model) {
    return new Rewriter(List.of(pass, new DeadCode()), ShapeProbe::annotate).apply(model).model();
  }

  private static Outcome outcome(Trial trial, Kind kind, Model model, long operators) {
    return operators == 0
        ? new Outcome(kind, trial.plain(), 0, 0, 1)
        : new Outcome(kind, model, operators, trial.difference(model), trial.ratio(model));
  }
}
