package dev.skein.demo;

import dev.skein.graph.Model;
import dev.skein.onnx.OnnxReader;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A model and what people call it.
 *
 * @param file where it was read from, if it was
 */
public record NamedModel(String name, Model model, @Nullable Path file) {
  public static NamedModel read(Path file) {
    return new NamedModel(String.valueOf(file.getFileName()), OnnxReader.read(file), file);
  }
}
