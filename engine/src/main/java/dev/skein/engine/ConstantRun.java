package dev.skein.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.skein.graph.Model;
import dev.skein.graph.Value;
import dev.skein.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** Evaluates constants: runs a model that wants no inputs, once, by ONNX Runtime's own kernels. */
public final class ConstantRun {
  private static final SessionOptions AS_WRITTEN = new SessionOptions(1, Optimization.NONE);

  private ConstantRun() {}

  /**
   * Runs every operator as written. An input with a default keeps it.
   *
   * @return the outputs that are tensors of numbers, in order, in memory of their own
   * @throws EngineException if the model wants an input, cannot be opened or fails
   */
  public static Map<String, Tensor> outputs(Model model) {
    if (!model.graph().requiredInputs().isEmpty()) {
      throw new EngineException(
          "model '%s' wants input '%s'; only a model without inputs is a constant"
              .formatted(model.graph().name(), model.graph().requiredInputs().getFirst().name()));
    }
    try (OpenModel open = ModelOpener.open(model, AS_WRITTEN, ModelOpener.Trace.NONE)) {
      Set<String> numbers = new LinkedHashSet<>();
      model.graph().outputs().stream().map(Value::name).forEach(numbers::add);
      numbers.retainAll(open.outputTypes().keySet());
      return numbers.isEmpty()
          ? Map.of()
          : open.run(Map.of(), numbers, Map.of(), result -> copies(result, numbers));
    }
  }

  private static Map<String, Tensor> copies(OrtSession.Result result, Set<String> names) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (String name : names) {
      if (result.get(name).orElse(null) instanceof OnnxTensor tensor) {
        Tensor copy = Tensors.copy(tensor);
        if (copy != null) {
          tensors.put(name, copy);
        }
      }
    }
    return tensors;
  }
}
