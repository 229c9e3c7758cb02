package dev.skein.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file to draw into, looked at before the work begins. */
final class SvgFile {
  private final Path file;

  private SvgFile(Path file) {
    this.file = file;
  }

  /**
   * @param model what must not be overwritten
   * @throws UsageException saying why nothing can be written there
   */
  static SvgFile at(Path file, @Nullable Path model) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || Files.isDirectory(file)) {
      throw new UsageException("--svg " + file + " is a folder: name a file");
    }
    if (!Files.isDirectory(folder)) {
      throw new UsageException("--svg " + file + ": there is no folder " + folder);
    }
    if (!Files.isWritable(Files.exists(file) ? file : folder)) {
      throw new UsageException("--svg " + file + " may not be written");
    }
    if (model != null && isSame(file, model)) {
      throw new UsageException("--svg " + file + " is the model itself");
    }
    return new SvgFile(file);
  }

  private static boolean isSame(Path file, Path model) {
    try {
      return Files.exists(file) && Files.isSameFile(file, model);
    } catch (IOException e) {
      return false;
    }
  }

  void write(String drawing) {
    try {
      Files.writeString(file, drawing);
    } catch (IOException e) {
      throw new UsageException(
          "--svg " + file + " cannot be written there (" + e.getClass().getSimpleName() + ")");
    }
  }
}
