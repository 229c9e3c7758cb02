package dev.skein.optimize;

import dev.skein.engine.Session;
import dev.skein.engine.SessionOptions;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.OneLine;
import dev.skein.graph.Value;
import dev.skein.input.InputException;
import dev.skein.quantize.Histogram;
import dev.skein.quantize.QuantizationOptions;
import dev.skein.quantize.QuantizeException;
import dev.skein.quantize.Range;
import dev.skein.quantize.RangeRule;
import dev.skein.quantize.StaticQuantization;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Watches the values inside a model while it works on real data. */
public final class Calibrator {
  /** What the watched values of one batch may take. */
  private static final long MOST_BYTES = 32 << 20;

  private static final int MOST_SAMPLES = 64;
  private static final int PIECE = 1 << 16;

  private final Session session;
  private final Map<String, Histogram> histograms = new LinkedHashMap<>();
  private final float[] piece = new float[PIECE];

  private Calibrator(Session session, Set<String> values) {
    this.session = session;
    values.forEach(value -> histograms.put(value, new Histogram()));
  }

  /**
   * The ranges that quantising a model takes, by the options' rule.
   *
   * @param model as it will be quantised: values are known by name
   * @param inputs samples, each as the model takes it; read once, a batch at a time
   * @throws QuantizeException if a value becomes infinite or is no number, naming it
   * @throws InputException if there is no sample
   * @throws dev.skein.engine.EngineException if the model fails on a sample
   */
  public static Map<String, Range> ranges(
      Model model, Iterable<Map<String, Tensor>> inputs, QuantizationOptions options) {
    Set<String> values = StaticQuantization.needed(model, options);
    return ranges(histograms(model, values, inputs), options.rule());
  }

  /** Ranges by any rule from what was seen. */
  public static Map<String, Range> ranges(Map<String, Histogram> seen, RangeRule rule) {
    Map<String, Range> ranges = new LinkedHashMap<>();
    seen.forEach((value, histogram) -> ranges.put(value, histogram.range(rule)));
    return ranges;
  }

  /**
   * What is seen of values; fails like {@link #ranges(Model, Iterable, QuantizationOptions)}. A
   * value that is not of floats is left out.
   */
  public static Map<String, Histogram> histograms(
      Model model, Set<String> values, Iterable<Map<String, Tensor>> inputs) {
    SessionOptions options =
        SessionOptions.defaults().withThreads(Runtime.getRuntime().availableProcessors());
    try (Session session = Session.open(exposed(model, values), options)) {
      Calibrator calibrator = new Calibrator(session, values);
      calibrator.watch(inputs, Batches.areTaken(model));
      calibrator.histograms.values().removeIf(histogram -> histogram.count() == 0);
      return calibrator.histograms;
    }
  }

  /** The model with these values as its outputs. */
  private static Model exposed(Model model, Set<String> values) {
    Graph graph = model.graph();
    List<Value> outputs = new ArrayList<>();
    for (String name : values) {
      Value declared = graph.declared(name);
      outputs.add(declared == null ? Value.of(name, null) : declared);
    }
    return model.with(
        new Graph(
            graph.name(),
            graph.inputs(),
            outputs,
            graph.nodes(),
            graph.weights(),
            graph.annotations(),
            graph.rest()));
  }

  private void watch(Iterable<Map<String, Tensor>> inputs, boolean batched) {
    List<Map<String, Tensor>> batch = new ArrayList<>();
    int size = 1;
    int seen = 0;
    for (Map<String, Tensor> sample : inputs) {
      if (!batch.isEmpty() && (batch.size() == size || !Batches.fit(batch.getFirst(), sample))) {
        long bytes = watch(Batches.stack(batch)) / batch.size();
        size = batched ? Math.clamp(MOST_BYTES / Math.max(bytes, 1), 1, MOST_SAMPLES) : 1;
        batch.clear();
      }
      batch.add(sample);
      seen++;
    }
    if (seen == 0) {
      throw new InputException("no calibration data: give at least one picture or .npy file");
    }
    watch(Batches.stack(batch));
  }

  /** Returns the bytes of what was seen. */
  private long watch(Map<String, Tensor> input) {
    Map<String, Tensor> values = session.run(input);
    long bytes = 0;
    for (Map.Entry<String, Histogram> entry : histograms.entrySet()) {
      Tensor value = values.get(entry.getKey());
      if (value != null && value.type() == ElementType.FLOAT) {
        bytes += value.bytes();
        try {
          add(value, entry.getValue());
        } catch (QuantizeException e) {
          throw new QuantizeException(
              "value %s: %s".formatted(OneLine.quote(entry.getKey()), e.getMessage()));
        }
      }
    }
    return bytes;
  }

  private void add(Tensor value, Histogram to) {
    long all = value.shape().elements();
    for (long at = 0; at < all; at += PIECE) {
      int length = (int) Math.min(PIECE, all - at);
      MemorySegment.copy(value.data(), Tensor.FLOAT, at * Float.BYTES, piece, 0, length);
      to.add(piece, length);
    }
  }
}
