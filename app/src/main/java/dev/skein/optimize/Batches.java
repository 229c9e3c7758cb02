package dev.skein.optimize;

import dev.skein.graph.Dim;
import dev.skein.graph.Model;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Puts samples together along their first axis, where a model leaves that axis open. */
final class Batches {
  private Batches() {}

  /** Whether every input has an open first axis. */
  static boolean areTaken(Model model) {
    return model.graph().requiredInputs().stream().allMatch(Batches::isOpen);
  }

  private static boolean isOpen(Value input) {
    TensorType type = input.type();
    List<Dim> dims = type == null ? null : type.dims();
    return dims != null && !dims.isEmpty() && !dims.getFirst().isFixed();
  }

  /** Whether two samples differ in nothing but their values. */
  static boolean fit(Map<String, Tensor> one, Map<String, Tensor> other) {
    return one.keySet().equals(other.keySet())
        && one.entrySet().stream()
            .allMatch(entry -> {
              Tensor tensor = other.get(entry.getKey());
              return tensor != null
                  && tensor.type() == entry.getValue().type()
                  && tensor.shape().equals(entry.getValue().shape());
            });
  }

  /**
   * @param samples at least one, all of which {@link #fit} the first
   */
  static Map<String, Tensor> stack(List<Map<String, Tensor>> samples) {
    if (samples.size() == 1) {
      return samples.getFirst();
    }
    Map<String, Tensor> stacked = new LinkedHashMap<>();
    for (String name : samples.getFirst().keySet()) {
      List<Tensor> parts = new ArrayList<>();
      samples.forEach(sample -> parts.add(sample.get(name)));
      stacked.put(name, stacked(parts));
    }
    return stacked;
  }

  private static Tensor stacked(List<Tensor> parts) {
    Tensor first = parts.getFirst();
    long[] dims = first.shape().toArray();
    dims[0] *= parts.size();
    Tensor all = Tensor.allocate(first.type(), Shape.of(dims));
    long at = 0;
    for (Tensor part : parts) {
      MemorySegment.copy(part.data(), 0, all.data(), at, part.bytes());
      at += part.bytes();
    }
    return all;
  }
}
