package dev.skein.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.skein.graph.Dim;
import dev.skein.graph.Model;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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
      return numbers.isEmpty() ? Map.of() : run(open, numbers);
    }
  }

  // Constants may be as big as the whole model: where their size is known they go straight to their
  // place, and are not copied twice.
  private static Map<String, Tensor> run(OpenModel open, Set<String> names) {
    Map<String, Tensor> placed = new LinkedHashMap<>();
    open.outputTypes()
        .forEach((name, type) -> {
          Shape shape = names.contains(name) ? shape(type) : null;
          if (shape != null) {
            placed.put(name, Tensor.allocate(type.element(), shape));
          }
        });
    Set<String> others = new LinkedHashSet<>(names);
    others.removeAll(placed.keySet());
    Map<String, Tensor> copied =
        open.run(Map.of(), others, placed, result -> copies(result, others));
    Map<String, Tensor> all = new LinkedHashMap<>();
    for (String name : names) {
      Tensor tensor = placed.getOrDefault(name, copied.get(name));
      if (tensor != null) {
        all.put(name, tensor);
      }
    }
    return all;
  }

  /** Null if it is known only after the run, or there is nothing to place. */
  private static @Nullable Shape shape(TensorType type) {
    List<Dim> dims = type.dims();
    return dims != null && dims.stream().allMatch(dim -> dim.size() > 0)
        ? Shape.of(dims.stream().mapToLong(Dim::size).toArray())
        : null;
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
