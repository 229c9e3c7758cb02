package dev.skein.quantize;

import dev.skein.graph.Model;
import dev.skein.graph.Patch;
import dev.skein.rewrite.Rewrite;
import dev.skein.rewrite.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Post-training static int8 in the QDQ form, from which runtimes make integer kernels.
 *
 * <pre>
 * Before  y = Relu(Conv(x, w, b))
 * After   x' = DequantizeLinear(QuantizeLinear(x, s_x, z_x), s_x, z_x)
 *         y  = DequantizeLinear(QuantizeLinear(Conv(x', DequantizeLinear(w8, s_w, 0),
 *                DequantizeLinear(b32, s_b)), s_y, z_y), s_y, z_y)
 * Formula s_x = (max - min) / 255 over the calibrated range widened to hold 0, z_x = -min / s_x;
 *         w8 = round(w / s_w), s_w = max |w| / 127 for each output channel;
 *         s_b = s_x * s_w, b32 = round(b / s_b): the sum of products needs no other scale.
 *         Relu, or a Clip around 0, is what QuantizeLinear's own saturation does.
 * </pre>
 *
 * <p>Conditions: Conv, Gemm or MatMul with constant float weights and a range for what it reads
 * (and, for Conv, makes); between them Add, Mul, Concat, pools and what moves values, where all
 * they read is quantised and something quantised follows. Channels have scales of their own from
 * opset 13 on ({@link OpsetUpgrade}). Batch normalisation must be folded before.
 *
 * <p>Source: B. Jacob et al., "Quantization and Training of Neural Networks for Efficient
 * Integer-Arithmetic-Only Inference", CVPR 2018, eqs. 1–7.
 */
public final class StaticQuantization implements Rewrite {
  /** The first operator set in which weights may have a scale for each channel. */
  public static final long PER_CHANNEL_OPSET = 13;

  /** The first operator set with quantised values. */
  public static final long LEAST_OPSET = 10;

  private final Map<String, Range> ranges;
  private final QuantizationOptions options;

  /**
   * @param ranges at least of the values that {@link #needed} names; what has none stays float
   */
  public StaticQuantization(Map<String, Range> ranges, QuantizationOptions options) {
    this.ranges = Map.copyOf(ranges);
    this.options = options;
  }

  /** Values whose ranges quantising this model takes. */
  public static Set<String> needed(Model model, QuantizationOptions options) {
    return Selection.of(new Scope(model), options.exclude(), value -> true).scaled().keySet();
  }

  @Override
  public String name() {
    return "static-int8";
  }

  /**
   * @throws QuantizeException if the model's operator set is older than quantisation
   */
  @Override
  public Patch find(Scope scope) {
    Selection selection = select(scope);
    if (!selection.units().isEmpty() && scope.opset() < LEAST_OPSET) {
      throw new QuantizeException(
          "opset %d of model '%s' knows no quantised values: raise it to 13, or export it so"
              .formatted(scope.opset(), scope.graph().name()));
    }
    return new QdqWriter(scope, selection, ranges, options).patch();
  }

  /** What becomes of each node of a model before it is quantised. */
  public QuantizationReport report(Model model) {
    Scope scope = new Scope(model);
    QuantizationReport actual = select(scope).report();
    // What is not to be quantised needs no range, so a missing range is no reason for it.
    QuantizationReport possible = Selection.of(scope, options.exclude(), value -> true).report();
    List<QuantizationReport.Entry> entries = new ArrayList<>();
    for (int i = 0; i < actual.entries().size(); i++) {
      QuantizationReport.Entry entry = possible.entries().get(i);
      entries.add(entry.quantised() ? actual.entries().get(i) : entry);
    }
    return new QuantizationReport(entries);
  }

  private Selection select(Scope scope) {
    return Selection.of(scope, options.exclude(), ranges::containsKey);
  }
}
