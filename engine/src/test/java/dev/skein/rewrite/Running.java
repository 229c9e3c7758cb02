package dev.skein.rewrite;

import dev.skein.engine.ConstantRun;
import dev.skein.engine.Optimization;
import dev.skein.engine.Session;
import dev.skein.engine.SessionOptions;
import dev.skein.engine.ShapeProbe;
import dev.skein.graph.Model;
import dev.skein.tensor.Difference;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Models run as they are written, so that only our own rewrites are at work. */
final class Running {
  private static final SessionOptions AS_WRITTEN = new SessionOptions(1, Optimization.NONE);

  private Running() {}

  static Map<String, Tensor> run(Model model, Map<String, Tensor> inputs) {
    try (Session session = Session.open(model, AS_WRITTEN)) {
      return session.run(inputs);
    }
  }

  static Map<String, Tensor> constants(Model model) {
    return ConstantRun.outputs(model);
  }

  /** {@link Difference}, in which half-precision numbers count as numbers. */
  static double difference(Map<String, Tensor> expected, Map<String, Tensor> actual) {
    return Difference.of(widened(expected), widened(actual));
  }

  private static Map<String, Tensor> widened(Map<String, Tensor> tensors) {
    Map<String, Tensor> wide = new LinkedHashMap<>(tensors);
    wide.replaceAll((name, tensor) -> tensor.type() == ElementType.FLOAT16 ? wide(tensor) : tensor);
    return wide;
  }

  private static Tensor wide(Tensor halves) {
    Tensor floats = Tensor.allocate(ElementType.FLOAT, halves.shape());
    for (long i = 0; i < halves.shape().elements(); i++) {
      short half = halves.data().getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i);
      floats.data().setAtIndex(Tensor.FLOAT, i, Float.float16ToFloat(half));
    }
    return floats;
  }

  static Rewriter.Result rewritten(Model model, List<Rewrite> passes) {
    return new Rewriter(passes, ShapeProbe::annotate).apply(model);
  }

  static Rewriter.Result rewritten(Model model) {
    return rewritten(model, Passes.standard(Running::constants));
  }
}
