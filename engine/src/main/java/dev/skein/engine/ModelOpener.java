package dev.skein.engine;

import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.skein.graph.Model;
import dev.skein.graph.Weight;
import dev.skein.onnx.OnnxWriter;
import dev.skein.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Hands models to ONNX Runtime: their structure as bytes, their big weights where they lie. */
final class ModelOpener {
  // Shape inference and constant folding read small constants; only big ones travel beside the
  // model's bytes.
  static final long INLINE_BELOW = 1024;

  private ModelOpener() {}

  /**
   * What else is wanted of a session.
   *
   * @param profile start of the path of the file to which operator times go
   * @param optimised where the model goes as it is after optimisation
   * @param beside whether its big weights go into a file beside it
   */
  record Trace(@Nullable Path profile, @Nullable Path optimised, boolean beside) {
    static final Trace NONE = new Trace(null, null, false);
  }

  /**
   * @throws EngineException if a weight is not at hand or ONNX Runtime refuses the model
   */
  static OpenModel open(Model model, SessionOptions options, Trace trace) {
    requireHeld(model);
    OrtForm form = OrtForm.of(model);
    byte[] bytes;
    Map<String, Tensor> weights = new LinkedHashMap<>();
    if (viewable(model)) {
      OnnxWriter.Detached detached = OnnxWriter.detach(form.model(), INLINE_BELOW);
      bytes = detached.model();
      detached.weights().forEach((name, weight) -> weights.put(name, Tensors.offHeap(weight)));
    } else {
      bytes = OnnxWriter.toBytes(form.model());
    }
    Map<String, OnnxTensorLike> views = new LinkedHashMap<>();
    try (OrtSession.SessionOptions settings = settings(options, trace)) {
      for (Map.Entry<String, Tensor> weight : weights.entrySet()) {
        views.put(weight.getKey(), Tensors.wrap(weight.getKey(), weight.getValue()));
      }
      settings.addExternalInitializers(views);
      OrtSession session = OnnxRuntimeLibrary.environment().createSession(bytes, settings);
      OpenModel open = new OpenModel(model.graph(), session, weights, form.inputNames());
      // ONNX Runtime has its own copy: pages of the model's file need not stay in memory.
      weights.values().stream()
          .map(Tensor::data)
          .filter(MemorySegment::isMapped)
          .forEach(MemorySegment::unload);
      return open;
    } catch (OrtException e) {
      throw OrtErrors.opening(model.graph(), e);
    } finally {
      views.values().forEach(OnnxTensorLike::close);
      NativeHeap.trim();
    }
  }

  static OrtSession.SessionOptions settings(SessionOptions options, Trace trace)
      throws OrtException {
    OnnxRuntimeLibrary.environment();
    OrtSession.SessionOptions settings = new OrtSession.SessionOptions();
    settings.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
    settings.setIntraOpNumThreads(options.threads());
    settings.setInterOpNumThreads(options.branchThreads());
    settings.setExecutionMode(
        options.branchThreads() > 1
            ? OrtSession.SessionOptions.ExecutionMode.PARALLEL
            : OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
    settings.setOptimizationLevel(level(options.optimization()));
    // Idle threads must not burn a small device's battery.
    settings.addConfigEntry("session.intra_op.allow_spinning", "0");
    settings.addConfigEntry("session.inter_op.allow_spinning", "0");
    // The arena grows in powers of two; weights outside it take what they need and no more.
    settings.addConfigEntry("session.use_device_allocator_for_initializers", "1");
    if (trace.profile() != null) {
      settings.enableProfiling(trace.profile().toString());
    }
    if (trace.optimised() != null) {
      settings.setOptimizedModelFilePath(trace.optimised().toString());
      if (trace.beside()) {
        settings.addConfigEntry(
            "session.optimized_model_external_initializers_file_name",
            trace.optimised().getFileName() + ".data");
        settings.addConfigEntry(
            "session.optimized_model_external_initializers_min_size_in_bytes",
            Long.toString(INLINE_BELOW));
      }
      // The session is not there to be run.
      settings.addConfigEntry("session.disable_prepacking", "1");
    }
    return settings;
  }

  private static OrtSession.SessionOptions.OptLevel level(Optimization optimization) {
    return switch (optimization) {
      case NONE -> OrtSession.SessionOptions.OptLevel.NO_OPT;
      case BASIC -> OrtSession.SessionOptions.OptLevel.BASIC_OPT;
      case EXTENDED -> OrtSession.SessionOptions.OptLevel.EXTENDED_OPT;
      case ALL -> OrtSession.SessionOptions.OptLevel.ALL_OPT;
    };
  }

  private static void requireHeld(Model model) {
    model
        .graph()
        .weights()
        .forEach((name, weight) -> {
          if (weight instanceof Weight.Addressed addressed) {
            throw new EngineException(
                "weight '%s' is not at hand: fetch sha256 %s before opening the model"
                    .formatted(name, addressed.sha256()));
          }
        });
  }

  // The Java binding cannot view some types (unsigned, below 8 bits): such models keep all inline.
  static boolean viewable(Model model) {
    return model.graph().weights().values().stream()
        .allMatch(weight ->
            !(weight instanceof Weight.Held held)
                || held.bytes() < INLINE_BELOW
                || (Tensors.wrapper(held.tensor().type()) != null
                    && held.bytes() <= Tensors.MOST_BYTES));
  }
}
