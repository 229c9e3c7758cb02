package dev.skein.engine;

import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.onnx.OnnxWriter;
import dev.skein.tensor.Tensor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Opens models as written, without copies of their big weights: ONNX Runtime reads them where they
 * are, usually in a memory-mapped file whose pages may come and go.
 *
 * @param folder for files that are needed while a model is opened
 */
record MappedOpener(Path folder) {
  // Where the writer says that detached weights are. ONNX Runtime wants to see such a file.
  private static final String DETACHED = "detached";

  /**
   * @param packed whether kernels may keep copies of weights in the form that they like best
   * @throws EngineException if ONNX Runtime refuses the model, or the folder cannot be written
   */
  OpenModel open(Model model, SessionOptions options, boolean packed) {
    Graph graph = model.graph();
    if (!ModelOpener.viewable(model)) {
      return ModelOpener.open(model, options.with(Optimization.NONE), ModelOpener.Trace.NONE);
    }
    OrtForm form = OrtForm.of(model);
    OnnxWriter.Detached detached = OnnxWriter.detach(form.model(), ModelOpener.INLINE_BELOW);
    Map<String, Tensor> weights = new LinkedHashMap<>();
    detached.weights().forEach((name, weight) -> weights.put(name, Tensors.offHeap(weight)));
    List<OnnxTensorLike> views = new ArrayList<>();
    Path file = folder.resolve("open.onnx");
    try (OrtSession.SessionOptions settings =
        ModelOpener.settings(options.with(Optimization.NONE), ModelOpener.Trace.NONE)) {
      settings.setCPUArenaAllocator(false);
      settings.setMemoryPatternOptimization(false);
      // It would add nodes that read and write values when the slab's plan has them dead.
      settings.addConfigEntry("session.disable_quant_qdq", "1");
      if (!packed) {
        settings.addConfigEntry("session.disable_prepacking", "1");
      }
      for (Map.Entry<String, Tensor> weight : weights.entrySet()) {
        OnnxTensorLike view = Tensors.wrap(weight.getKey(), weight.getValue());
        views.add(view);
        settings.addInitializer(weight.getKey(), view);
      }
      Files.write(file, detached.model());
      standIn(weights.values().stream().mapToLong(Tensor::bytes).max().orElse(0));
      OrtSession session =
          OnnxRuntimeLibrary.environment().createSession(file.toString(), settings);
      return new OpenModel(graph, session, weights, form.inputNames(), views);
    } catch (OrtException e) {
      views.forEach(OnnxTensorLike::close);
      throw OrtErrors.opening(graph, e);
    } catch (IOException e) {
      views.forEach(OnnxTensorLike::close);
      throw new EngineException(
          "a model cannot be written to %s (%s); free some space there or set -Djava.io.tmpdir"
              .formatted(folder, e.getMessage()),
          e);
    }
  }

  // A hole that takes no room on disk; nobody reads it.
  private void standIn(long bytes) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(folder.resolve(DETACHED).toFile(), "rw")) {
      if (file.length() < bytes) {
        file.setLength(bytes);
      }
    }
  }
}
