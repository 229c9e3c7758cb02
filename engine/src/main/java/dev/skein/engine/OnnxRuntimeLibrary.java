package dev.skein.engine;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The one ONNX Runtime environment of this process; native code is loaded on first use. */
final class OnnxRuntimeLibrary {
  /**
   * The library matches this process's command line against regular expressions by recursion, some
   * hundred bytes of stack a character, and a class path may have many thousands.
   */
  private static final long LOADING_STACK_BYTES = 64L << 20;

  private static final Duration LOADING_DEADLINE = Duration.ofMinutes(2);

  private static final String FOLDER = "onnxruntime.native.path";
  private static @Nullable OrtEnvironment environment;

  private OnnxRuntimeLibrary() {}

  /**
   * @throws EngineException if there is no native library for this machine, or it cannot be loaded
   */
  static synchronized OrtEnvironment environment() {
    OrtEnvironment known = environment;
    if (known == null) {
      known = loadOnDeepStack();
      environment = known;
    }
    return known;
  }

  private static OrtEnvironment loadOnDeepStack() {
    FutureTask<OrtEnvironment> loading = new FutureTask<>(OnnxRuntimeLibrary::load);
    Thread.ofPlatform()
        .daemon()
        .name("skein-load-onnxruntime")
        .stackSize(LOADING_STACK_BYTES)
        .start(loading);
    try {
      return loading.get(LOADING_DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof EngineException known
          ? known
          : new EngineException("ONNX Runtime cannot be loaded: " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new EngineException(
          "ONNX Runtime did not load within " + LOADING_DEADLINE.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException("interrupted while loading ONNX Runtime", e);
    }
  }

  // Warnings would end up on the user's terminal; what matters comes back as an exception anyway.
  private static OrtEnvironment load() {
    // Switching it off through the API comes too late: by then it has stored its first events.
    Environment.set("ORT_DISABLE_TELEMETRY", "1");
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
          "ONNX Runtime cannot be loaded on %s %s: %s; it must be able to write to %s"
              .formatted(
                  System.getProperty("os.name"),
                  System.getProperty("os.arch"),
                  OrtErrors.oneLine(String.valueOf(e.getMessage() == null ? e.getCause() : e)),
                  System.getProperty("java.io.tmpdir")),
          e);
    }
  }
}
