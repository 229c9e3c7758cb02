package dev.skein.engine;

import dev.skein.graph.Model;
import dev.skein.onnx.OnnxReader;
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
    try (TemporaryFolder folder = TemporaryFolder.create("skein-optimised", 0)) {
      return save(model, SessionOptions.defaults().with(optimization), folder.path());
    }
  }

  /** Saved in this folder and read from there; what is mapped outlives the files. */
  static Model save(Model model, SessionOptions options, Path folder) {
    Path file = folder.resolve("optimised.onnx");
    // With weights beside it, ONNX Runtime writes those of bodies twice (its pull request 32474).
    boolean beside = model.graph().nodes().stream().allMatch(node -> node.bodies().isEmpty());
    ModelOpener.open(model, options, new ModelOpener.Trace(null, file, beside)).close();
    return OnnxReader.read(file);
  }
}
