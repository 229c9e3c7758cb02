package dev.skein.engine;

import dev.skein.graph.Model;
import dev.skein.onnx.OnnxReader;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** Real model files, kept beside the project; tests that need an absent one are skipped. */
public final class RealModels {
  private static final String MINI_LM = "all-minilm-l6-v2-q.onnx";

  private RealModels() {}

  public static Model read(String name) {
    return OnnxReader.read(file(name));
  }

  public static Path file(String name) {
    return name.equals(MINI_LM) ? miniLm() : folder().resolve(name);
  }

  public static Stream<String> names() {
    try (Stream<Path> files = Files.list(folder())) {
      List<String> names =
          files
              .map(file -> file.getFileName().toString())
              .filter(n -> n.endsWith(".onnx"))
              .toList();
      return Stream.concat(names.stream().sorted(), Stream.of(MINI_LM));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Seeded inputs: numbers around zero, and small indices where the model wants integers. */
  public static Map<String, Tensor> inputs(Model model, long seed) {
    Random random = new Random(seed);
    Map<String, Tensor> inputs = ShapeProbe.zeros(model, Map.of("sequence_length", 6L));
    inputs.forEach((name, tensor) -> fill(name, tensor, random));
    return inputs;
  }

  private static void fill(String name, Tensor tensor, Random random) {
    for (long i = 0; i < tensor.shape().elements(); i++) {
      if (tensor.type() == ElementType.FLOAT) {
        tensor.data().setAtIndex(Tensor.FLOAT, i, (float) random.nextGaussian());
      } else if (tensor.type() == ElementType.FLOAT16) {
        short half = Float.floatToFloat16((float) random.nextGaussian());
        tensor.data().setAtIndex(ValueLayout.JAVA_SHORT, i, half);
      } else {
        long number =
            switch (name) {
              case "attention_mask" -> 1;
              case "token_type_ids" -> 0;
              default -> random.nextInt(1000);
            };
        tensor.data().setAtIndex(Tensor.INT64, i, number);
      }
    }
  }

  private static Path miniLm() {
    Path file = Path.of("target", MINI_LM);
    if (!Files.exists(file)) {
      try (InputStream in = RealModels.class.getResourceAsStream("/" + MINI_LM)) {
        Path part = Files.createTempFile(Files.createDirectories(Path.of("target")), "lm", null);
        Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return file;
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
