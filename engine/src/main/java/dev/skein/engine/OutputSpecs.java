package dev.skein.engine;

import dev.skein.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What a model's outputs look like for inputs of given shapes, learnt from its runs, so that memory
 * for the next ones can be given to ONNX Runtime beforehand. Forgets all when it is wrong once:
 * then shapes depend on values.
 */
final class OutputSpecs {
  private static final int MOST = 64;

  private final Map<List<TensorSpec>, List<TensorSpec>> byInputs = new ConcurrentHashMap<>();
  private volatile boolean dependOnValues;

  @Nullable List<TensorSpec> of(List<TensorSpec> inputs) {
    return byInputs.get(inputs);
  }

  void learn(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    if (dependOnValues || outputs.stream().anyMatch(OutputSpecs::unfit)) {
      return;
    }
    if (byInputs.size() >= MOST) {
      byInputs.clear();
    }
    byInputs.put(inputs, outputs);
  }

  void giveUp() {
    dependOnValues = true;
    byInputs.clear();
  }

  private static boolean unfit(TensorSpec spec) {
    return Tensors.wrapper(spec.type()) == null || spec.bytes() == 0;
  }
}
