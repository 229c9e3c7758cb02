package dev.skein.engine;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A folder of this process's own on a disk; closing deletes it with its files. */
record TemporaryFolder(Path path) implements AutoCloseable {
  // Files there are memory themselves.
  private static final List<String> IN_MEMORY = List.of("tmpfs", "ramfs");

  /**
   * In the folder for temporary files, or, if that is kept in memory, in this user's cache.
   *
   * @param bytes that will be written
   * @throws EngineException if there is not that much room, or no folder can be made
   */
  static TemporaryFolder create(String prefix, long bytes) {
    Path parent = Path.of(System.getProperty("java.io.tmpdir"));
    try {
      if (IN_MEMORY.contains(Files.getFileStore(parent).type())) {
        parent = Files.createDirectories(NativeFiles.cache().resolve("skein"));
      }
      FileStore store = Files.getFileStore(parent);
      if (store.getUsableSpace() < bytes) {
        throw new EngineException(
            "%s has room for %d bytes, but the model's temporary files take %d; free some space there or set -Djava.io.tmpdir"
                .formatted(parent, store.getUsableSpace(), bytes));
      }
      return new TemporaryFolder(Files.createTempDirectory(parent, prefix));
    } catch (IOException e) {
      throw new EngineException(
          "no folder for temporary files can be made in %s (%s); set -Djava.io.tmpdir"
              .formatted(parent, e.getMessage()),
          e);
    }
  }

  /** Deletes all files; what is memory-mapped stays readable where the system allows. */
  void clear() {
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        if (!file.equals(path)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      // Closing tries once more.
    }
  }

  @Override
  public void close() {
    clear();
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      path.toFile().deleteOnExit();
    }
  }
}
