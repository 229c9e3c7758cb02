package dev.skein.optimize;

import dev.skein.engine.ShapeProbe;
import dev.skein.graph.Model;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.input.TensorFiles;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Inputs for comparing a model with what was made of it. */
public final class Samples {
  private Samples() {}

  /**
   * Random inputs of the declared shapes.
   *
   * @param dims sizes of named axes; other unknown axes have size 1
   * @param seed equal seeds give equal values
   */
  public static List<Map<String, Tensor>> random(
      Model model, Map<String, Long> dims, int count, long seed) {
    Random random = new Random(seed);
    Map<String, Tensor> shapes = ShapeProbe.zeros(model, dims);
    List<Map<String, Tensor>> samples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Map<String, Tensor> sample = new LinkedHashMap<>();
      shapes.forEach((name, zeros) -> {
        TensorType type = TensorType.of(zeros.type(), zeros.shape());
        sample.put(name, TensorFiles.random(Value.of(name, type), random));
      });
      samples.add(sample);
    }
    return samples;
  }
}
