package dev.skein.optimize;

import dev.skein.engine.ShapeProbe;
import dev.skein.graph.Dim;
import dev.skein.graph.Model;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.input.TensorFiles;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Inputs for comparing a model with what was made of it. */
public final class Samples {
  private Samples() {}

  /**
   * Random inputs of the declared shapes. In the second, named axes without a size are 2: what was
   * rewritten for one sample at a time shows there. Not every model takes that.
   *
   * @param dims sizes of named axes; other unknown axes have size 1
   * @param seed equal seeds give equal values
   */
  public static List<Map<String, Tensor>> random(
      Model model, Map<String, Long> dims, int count, long seed) {
    Random random = new Random(seed);
    List<Map<String, Tensor>> samples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Map<String, Tensor> shapes = ShapeProbe.zeros(model, i == 1 ? doubled(model, dims) : dims);
      Map<String, Tensor> sample = new LinkedHashMap<>();
      shapes.forEach((name, zeros) -> {
        TensorType type = TensorType.of(zeros.type(), zeros.shape());
        sample.put(name, TensorFiles.random(Value.of(name, type), random));
      });
      samples.add(sample);
    }
    return samples;
  }

  private static Map<String, Long> doubled(Model model, Map<String, Long> dims) {
    Map<String, Long> sizes = new HashMap<>();
    for (Value input : model.graph().requiredInputs()) {
      List<Dim> axes = input.type() == null ? null : input.type().dims();
      for (Dim axis : axes == null ? List.<Dim>of() : axes) {
        if (axis.symbol() != null) {
          sizes.put(axis.symbol(), 2L);
        }
      }
    }
    sizes.putAll(dims);
    return sizes;
  }
}
