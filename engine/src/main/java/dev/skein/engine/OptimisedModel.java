package dev.skein.engine;

import dev.skein.graph.Model;
import dev.skein.onnx.OnnxReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Models as ONNX Runtime's own optimiser makes them. */
public final class OptimisedModel {
  private OptimisedModel() {}

  /**
   * What ONNX Runtime turns a model into before it runs it, as its offline optimiser would save it.
   * Above {@link Optimization#BASIC} it has operators of ONNX Runtime's own; at {@link
   * Optimization#ALL} it fits this machine's processor only. Run it with {@link Optimization#NONE}.
   *
   * @throws EngineException if the model cannot be opened or there is no room for temporary files
   */
  public static Model of(Model model, Optimization optimization) {
    SessionOptions options = SessionOptions.defaults().with(optimization);
    try {
      Path file = Files.createTempFile("skein-optimised", ".onnx");
      try {
        ModelOpener.open(model, options, new ModelOpener.Trace(null, file)).close();
        return OnnxReader.read(file);
      } finally {
        // What is mapped stays readable.
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new EngineException(
          "no temporary file for the optimised model (" + e.getMessage() + ")", e);
    }
  }
}
