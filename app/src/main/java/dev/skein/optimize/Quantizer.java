package dev.skein.optimize;

import dev.skein.engine.ShapeProbe;
import dev.skein.graph.Model;
import dev.skein.quantize.DynamicQuantization;
import dev.skein.quantize.HalfStorage;
import dev.skein.quantize.Histogram;
import dev.skein.quantize.OpsetUpgrade;
import dev.skein.quantize.QuantizationOptions;
import dev.skein.quantize.QuantizationReport;
import dev.skein.quantize.QuantizeException;
import dev.skein.quantize.Range;
import dev.skein.quantize.StaticQuantization;
import dev.skein.rewrite.DeadCode;
import dev.skein.rewrite.Rewrite;
import dev.skein.rewrite.Rewriter;
import dev.skein.rewrite.Scope;
import dev.skein.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * Models in fewer bits, from data to result. Takes models whose batch normalisation is folded.
 * Whether the result pays on this device, and is accurate enough, is for others to measure.
 */
public final class Quantizer {
  private Quantizer() {}

  /**
   * @param report what became of each node of the model before
   */
  public record Quantized(Model model, QuantizationReport report) {}

  /**
   * The model with an operator set in which weights have a scale for each channel, if it can be
   * raised to it; as it is if it cannot but knows quantised values. Calibrate this one: values are
   * known by name.
   *
   * @throws QuantizeException naming the opset and what stands in the way
   */
  public static Model raised(Model model) {
    Model typed = ShapeProbe.annotate(model);
    try {
      return OpsetUpgrade.apply(typed);
    } catch (QuantizeException e) {
      if (new Scope(model).opset() < StaticQuantization.LEAST_OPSET) {
        throw e;
      }
      return typed;
    }
  }

  /**
   * Static int8.
   *
   * @param inputs samples to calibrate with, each as the model takes it
   * @throws QuantizeException if no node can be quantised, or calibration meets what is no number
   */
  public static Quantized statically(
      Model model, Iterable<Map<String, Tensor>> inputs, QuantizationOptions options) {
    Model raised = raised(model);
    return statically(raised, Calibrator.ranges(raised, inputs, options), options);
  }

  /**
   * Static int8 by what {@link Calibrator#histograms} saw in this very model, {@link #raised}.
   *
   * @throws QuantizeException if no node can be quantised
   */
  public static Quantized staticallyBy(
      Map<String, Histogram> seen, Model raised, QuantizationOptions options) {
    return statically(raised, Calibrator.ranges(seen, options.rule()), options);
  }

  private static Quantized statically(
      Model model, Map<String, Range> ranges, QuantizationOptions options) {
    StaticQuantization pass = new StaticQuantization(ranges, options);
    return quantized(model, pass, pass.report(model));
  }

  /**
   * Dynamic int8.
   *
   * @throws QuantizeException if no node can be quantised
   */
  public static Quantized dynamically(Model model, QuantizationOptions options) {
    Model raised = raised(model);
    DynamicQuantization pass = new DynamicQuantization(options);
    return quantized(raised, pass, pass.report(raised));
  }

  /** Weights in half precision; all that there is to say of nodes is that they stay. */
  public static Model halved(Model model) {
    return rewritten(model, new HalfStorage());
  }

  private static Quantized quantized(Model model, Rewrite pass, QuantizationReport report) {
    if (report.quantised() == 0) {
      throw new QuantizeException(
          "no node of model '%s' can be quantised: %s"
              .formatted(
                  model.graph().name(), report.reasons().keySet().stream().limit(3).toList()));
    }
    return new Quantized(rewritten(model, pass), report);
  }

  private static Model rewritten(Model model, Rewrite pass) {
    return new Rewriter(List.of(pass, new DeadCode()), ShapeProbe::annotate).apply(model).model();
  }
}
