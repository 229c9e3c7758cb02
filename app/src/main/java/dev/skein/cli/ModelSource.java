package dev.skein.cli;

import dev.skein.architecture.Architectures;
import dev.skein.demo.NamedModel;
import dev.skein.graph.Model;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** What a person may give as a model: a file, or an architecture to be built. */
final class ModelSource {
  static final String DESCRIPTION =
      "an ONNX file, or random:NAME@SIZE for an architecture with random weights, such as"
          + " random:resnet18@224";

  private ModelSource() {}

  /**
   * @throws UsageException naming what is wrong with the text; what is wrong with a file is told as
   *     {@link NamedModel#read} does
   */
  static NamedModel read(String text) {
    try {
      Optional<Model> built = Architectures.parse(text);
      return built.isPresent()
          ? new NamedModel(text, built.get(), null)
          : NamedModel.read(Path.of(text));
    } catch (InvalidPathException e) {
      throw new UsageException("'" + text.replaceAll("\\p{Cntrl}", "?") + "' is no file name");
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }
}
