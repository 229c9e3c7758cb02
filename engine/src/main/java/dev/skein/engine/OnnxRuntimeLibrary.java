package dev.skein.engine;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The one ONNX Runtime environment of this process; native code is loaded on first use. */
final class OnnxRuntimeLibrary {
  private static final String FOLDER = "onnxruntime.native.path";
  private static @Nullable OrtEnvironment environment;

  private OnnxRuntimeLibrary() {}

  /**
   * @throws EngineException if there is no native library for this machine, or it cannot be loaded
   */
  static synchronized OrtEnvironment environment() {
    OrtEnvironment known = environment;
    if (known == null) {
      known = load();
      environment = known;
    }
    return known;
  }

  // Warnings would end up on the user's terminal; what matters comes back as an exception anyway.
  private static OrtEnvironment load() {
    try {
      if (System.getProperty(FOLDER) == null) {
        Path folder = NativeFiles.folder();
        if (folder != null) {
          System.setProperty(FOLDER, folder.toString());
        }
      }
      OrtEnvironment loaded =
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "skein");
      loaded.setTelemetry(false);
      return loaded;
    } catch (OrtException | RuntimeException | LinkageError e) {
      throw new EngineException(
          "ONNX Runtime cannot be loaded on %s %s: %s"
              .formatted(
                  System.getProperty("os.name"),
                  System.getProperty("os.arch"),
                  OrtErrors.oneLine(String.valueOf(e.getMessage()))),
          e);
    }
  }
}
