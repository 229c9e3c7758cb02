package dev.skein.lab.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Real models that experiments find through {@code SKEIN_DATA}. */
final class Models {
  private Models() {}

  static Path data() {
    String data = System.getenv("SKEIN_DATA");
    if (data == null || !Files.isDirectory(Path.of(data, "models"))) {
      throw new IllegalStateException(
          "SKEIN_DATA names no folder with models in it; set it to one that holds models/ and data/");
    }
    return Path.of(data);
  }

  static Path model(String file) {
    Path path = data().resolve("models").resolve(file);
    if (!Files.exists(path)) {
      throw new IllegalStateException("model " + path + " is missing; see 'skein data ls'");
    }
    return path;
  }

  static List<Path> all() throws IOException {
    try (Stream<Path> files = Files.list(data().resolve("models"))) {
      return files.filter(file -> file.toString().endsWith(".onnx")).sorted().toList();
    }
  }
}
