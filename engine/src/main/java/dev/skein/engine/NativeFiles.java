package dev.skein.engine;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.jar.JarEntry;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Runtime's native libraries, unpacked once for this user. Left to itself every process would
 * unpack 28 MB into a temporary folder of its own, leave them there when it is killed, and share no
 * memory with its neighbours.
 */
final class NativeFiles {
  private static final List<String> LIBRARIES = List.of("onnxruntime", "onnxruntime4j_jni");

  private NativeFiles() {}

  /** The folder with the libraries; null if there is none, and ONNX Runtime has to do it. */
  static @Nullable Path folder() {
    try {
      Path folder = null;
      for (String library : LIBRARIES) {
        String file = System.mapLibraryName(library);
        URL packed = OrtEnvironment.class.getResource("native/" + platform() + "/" + file);
        if (packed == null || !(packed.openConnection() instanceof JarURLConnection jar)) {
          return null;
        }
        JarEntry entry = jar.getJarEntry();
        if (folder == null) {
          folder =
              Files.createDirectories(
                  cache().resolve("skein").resolve("onnxruntime-%08x".formatted(entry.getCrc())));
        }
        unpack(jar, entry.getSize(), folder.resolve(file));
      }
      return folder;
    } catch (IOException | SecurityException e) {
      return null;
    }
  }

  // Whole or not at all, since other processes may be doing the same at this moment.
  private static void unpack(JarURLConnection jar, long bytes, Path to) throws IOException {
    if (Files.exists(to) && Files.size(to) == bytes) {
      return;
    }
    Path part = Files.createTempFile(to.getParent(), "part", null);
    try (InputStream in = jar.getInputStream()) {
      Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
      Files.move(part, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  static Path cache() {
    String given = System.getenv("XDG_CACHE_HOME");
    return given != null && Path.of(given).isAbsolute()
        ? Path.of(given)
        : Path.of(System.getProperty("user.home"), ".cache");
  }

  private static String platform() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String os = system.contains("mac") ? "osx" : system.contains("win") ? "win" : "linux";
    String arch = System.getProperty("os.arch");
    return os + "-" + (arch.equals("amd64") || arch.equals("x86_64") ? "x64" : arch);
  }
}
