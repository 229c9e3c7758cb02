package dev.skein.quantize;

import dev.skein.engine.OptimisedModel;
import dev.skein.engine.Optimization;
import dev.skein.engine.Session;
import dev.skein.engine.SessionOptions;
import dev.skein.engine.ShapeProbe;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Value;
import dev.skein.rewrite.BatchNormAfter;
import dev.skein.rewrite.DeadCode;
import dev.skein.rewrite.NoOps;
import dev.skein.rewrite.Rewrite;
import dev.skein.rewrite.Rewriter;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Models quantised by the values they take on given inputs, and run. */
final class Quantising {
  private Quantising() {}

  /** Ready to be quantised: normalisation folded, opset 13. */
  static Model ready(Model model) {
    Model folded =
        new Rewriter(List.of(new NoOps(), new BatchNormAfter()), ShapeProbe::annotate)
            .apply(model)
            .model();
    return OpsetUpgrade.apply(ShapeProbe.annotate(folded));
  }

  static Model quantised(
      Model ready, List<Map<String, Tensor>> inputs, QuantizationOptions options) {
    Map<String, Range> ranges = ranges(ready, StaticQuantization.needed(ready, options), inputs);
    return rewritten(ready, new StaticQuantization(ranges, options));
  }

  static Model rewritten(Model model, Rewrite pass) {
    return new Rewriter(List.of(pass, new DeadCode()), ShapeProbe::annotate).apply(model).model();
  }

  private static Map<String, Range> ranges(
      Model model, Set<String> values, List<Map<String, Tensor>> inputs) {
    Graph graph = model.graph();
    List<Value> outputs = new ArrayList<>();
    values.forEach(value -> outputs.add(Value.of(value, null)));
    Graph open =
        new Graph(
            graph.name(),
            graph.inputs(),
            outputs,
            graph.nodes(),
            graph.weights(),
            graph.annotations(),
            graph.rest());
    Map<String, Histogram> seen = new HashMap<>();
    for (Map<String, Tensor> input : inputs) {
      run(model.with(open), input, Optimization.BASIC)
          .forEach((value, tensor) ->
              seen.computeIfAbsent(value, ignored -> new Histogram()).add(tensor.toFloats()));
    }
    Map<String, Range> ranges = new HashMap<>();
    seen.forEach((value, histogram) ->
        ranges.put(value, histogram.range(RangeRule.of(CalibrationMethod.MIN_MAX))));
    return ranges;
  }

  static Map<String, Tensor> run(Model model, Map<String, Tensor> input, Optimization how) {
    try (Session session = Session.open(model, SessionOptions.defaults().with(how))) {
      return session.run(input);
    }
  }

  /** How many kernels of each kind ONNX Runtime makes of a model. */
  static Map<String, Integer> kernels(Model model) {
    Map<String, Integer> counts = new TreeMap<>();
    for (Node node : OptimisedModel.of(model, Optimization.ALL).graph().nodes()) {
      counts.merge(node.op(), 1, Integer::sum);
    }
    return counts;
  }

  /** Power of the error over the power of what is expected. */
  static double noise(Map<String, Tensor> expected, Map<String, Tensor> actual) {
    double error = 0;
    double power = 0;
    for (Map.Entry<String, Tensor> entry : expected.entrySet()) {
      float[] want = entry.getValue().toFloats();
      Tensor other = actual.get(entry.getKey());
      float[] got = other == null ? new float[want.length] : other.toFloats();
      for (int i = 0; i < want.length; i++) {
        error += Math.pow((double) want[i] - got[i], 2);
        power += Math.pow(want[i], 2);
      }
    }
    return error / Math.max(power, Double.MIN_NORMAL);
  }
}
