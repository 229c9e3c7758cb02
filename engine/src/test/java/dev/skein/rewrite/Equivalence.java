package dev.skein.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.engine.Optimization;
import dev.skein.engine.Session;
import dev.skein.engine.SessionOptions;
import dev.skein.engine.ShapeProbe;
import dev.skein.graph.Model;
import dev.skein.onnx.OnnxReader;
import dev.skein.tensor.Difference;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** Whether a model computes the same before and after passes. */
final class Equivalence {
  private Equivalence() {}

  /** Applies the passes and runs both models, as written and as ONNX Runtime optimises them. */
  static Rewriter.Result check(Model model, Rewrite... passes) {
    Rewriter.Result result = new Rewriter(List.of(passes), ShapeProbe::annotate).apply(model);
    if (!result.steps().isEmpty()) {
      Map<String, Tensor> inputs = inputs(model, 5);
      Map<String, Tensor> expected = run(model, inputs, Optimization.NONE);
      for (Optimization optimization : List.of(Optimization.NONE, Optimization.ALL)) {
        Map<String, Tensor> actual = run(result.model(), inputs, optimization);
        assertThat(Difference.of(expected, actual))
            .as("%s, %s", result.steps(), optimization)
            .isLessThanOrEqualTo(Difference.TOLERANCE);
      }
    }
    return result;
  }

  private static Map<String, Tensor> run(
      Model model, Map<String, Tensor> inputs, Optimization optimization) {
    try (Session session = Session.open(model, SessionOptions.defaults().with(optimization))) {
      return session.run(inputs);
    }
  }

  private static Map<String, Tensor> inputs(Model model, long seed) {
    Random random = new Random(seed);
    Map<String, Tensor> inputs = ShapeProbe.zeros(model, Map.of("N", 2L));
    inputs.forEach((name, tensor) -> {
      for (long i = 0; i < tensor.shape().elements(); i++) {
        float number = (float) random.nextGaussian();
        if (tensor.type() == ElementType.FLOAT) {
          tensor.data().setAtIndex(Tensor.FLOAT, i, number);
        } else if (tensor.type() == ElementType.FLOAT16) {
          tensor.data().setAtIndex(ValueLayout.JAVA_SHORT, i, Float.floatToFloat16(number));
        }
      }
    });
    return inputs;
  }

  static Stream<String> models() {
    try (Stream<Path> files = Files.list(folder())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".onnx"))
          .sorted()
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Model read(String name) {
    return OnnxReader.read(folder().resolve(name));
  }

  private static Path folder() {
    String given = System.getenv("SKEIN_DATA");
    if (given != null && Files.isDirectory(Path.of(given, "models"))) {
      return Path.of(given, "models");
    }
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path folder = at.resolve("shared/models");
      if (Files.isDirectory(folder)) {
        return folder;
      }
    }
    return Assumptions.abort("no model files: set SKEIN_DATA to a folder that has models/");
  }
}
