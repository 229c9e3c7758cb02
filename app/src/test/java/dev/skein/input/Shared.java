package dev.skein.input;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Real models and data, which are not part of the project; a test without them is skipped. */
public final class Shared {
  private static final @Nullable Path ROOT = find();

  private Shared() {}

  public static Path file(String path) {
    assumeTrue(ROOT != null, "no folder of models and data; set SKEIN_DATA");
    Path file = ROOT.resolve(path);
    assumeTrue(Files.exists(file), file + " is absent");
    return file;
  }

  private static @Nullable Path find() {
    String given = System.getenv("SKEIN_DATA");
    if (given != null) {
      return Path.of(given);
    }
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.isDirectory(at.resolve("shared/models"))) {
        return at.resolve("shared");
      }
    }
    return null;
  }
}
