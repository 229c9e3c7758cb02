package dev.skein;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** Real model files, kept beside the project; tests that need an absent one are skipped. */
public final class TestModels {
  private TestModels() {}

  public static Path file(String name) {
    return folder().resolve(name);
  }

  public static List<Path> all() {
    try (Stream<Path> files = Files.list(folder())) {
      return files.filter(file -> file.toString().endsWith(".onnx")).sorted().toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
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
