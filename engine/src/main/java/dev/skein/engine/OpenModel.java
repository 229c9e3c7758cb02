package dev.skein.engine;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.skein.graph.Graph;
import dev.skein.graph.TensorType;
import dev.skein.tensor.Tensor;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A model that ONNX Runtime has opened; thread-safe. Closing waits for the runs under way. */
final class OpenModel implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Graph graph;
  private final OrtSession session;
  private final OrtSession.RunOptions options;
  // The native session points into this memory.
  private final Map<String, Tensor> weights;
  private final Map<String, String> inputNames;
  private final List<OnnxTensorLike> views;
  private final Gate gate = new Gate();

  /**
   * @param weights memory that must live as long as the session
   * @param inputNames the session's names of the graph's inputs, where they differ
   */
  OpenModel(
      Graph graph, OrtSession session, Map<String, Tensor> weights, Map<String, String> inputNames)
      throws OrtException {
    this(graph, session, weights, inputNames, List.of());
  }

  /**
   * @param views of {@code weights}; closed with the session
   */
  OpenModel(
      Graph graph,
      OrtSession session,
      Map<String, Tensor> weights,
      Map<String, String> inputNames,
      List<OnnxTensorLike> views)
      throws OrtException {
    this.views = views;
    this.graph = graph;
    this.session = session;
    this.weights = weights;
    this.inputNames = inputNames;
    this.options = new OrtSession.RunOptions();
    options.setLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
  }

  /** Looks at a run's outputs before they are freed. */
  interface Reader<T> {
    T read(OrtSession.Result result) throws OrtException;
  }

  /**
   * Runs once on the calling thread.
   *
   * @param given by name of the graph's inputs
   * @param wanted outputs that {@code reader} wants to see
   * @param into memory for outputs, by name, of exactly the type and shape that they will have
   * @throws EngineException if the model fails, an output's shape is not that of its memory, or the
   *     model is closed
   */
  <T> T run(
      Map<String, Tensor> given, Set<String> wanted, Map<String, Tensor> into, Reader<T> reader) {
    if (!gate.enter()) {
      throw new EngineException("model '" + graph.name() + "' is closed");
    }
    Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, Tensor> input : given.entrySet()) {
        String name = inputNames.getOrDefault(input.getKey(), input.getKey());
        inputs.put(name, Tensors.wrap(input.getKey(), input.getValue()));
      }
      for (Map.Entry<String, Tensor> output : into.entrySet()) {
        outputs.put(output.getKey(), Tensors.wrap(output.getKey(), output.getValue()));
      }
      try (OrtSession.Result result = session.run(inputs, wanted, outputs, options)) {
        return reader.read(result);
      }
    } catch (OrtException e) {
      throw OrtErrors.running(graph, e);
    } finally {
      inputs.values().forEach(OnnxTensor::close);
      outputs.values().forEach(OnnxTensor::close);
      gate.leave();
      Reference.reachabilityFence(given);
      Reference.reachabilityFence(into);
      Reference.reachabilityFence(weights);
    }
  }

  /**
   * Runs once on memory that ONNX Runtime knows already.
   *
   * @param inputs by the session's names
   * @param outputs every output, of exactly the shape that it will have
   * @throws EngineException as {@link #run}
   */
  void runBound(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {
    if (!gate.enter()) {
      throw new EngineException("model '" + graph.name() + "' is closed");
    }
    try {
      session.run(inputs, Set.of(), outputs, options).close();
    } catch (OrtException e) {
      throw OrtErrors.running(graph, e);
    } finally {
      gate.leave();
      Reference.reachabilityFence(weights);
    }
  }

  /** What ONNX Runtime infers about its outputs that are tensors, without running. */
  Map<String, TensorType> outputTypes() {
    try {
      Map<String, TensorType> types = new LinkedHashMap<>();
      for (NodeInfo output : session.getOutputInfo().values()) {
        TensorType type = output.getInfo() instanceof TensorInfo info ? Tensors.type(info) : null;
        if (type != null) {
          types.put(output.getName(), type);
        }
      }
      return types;
    } catch (OrtException e) {
      throw OrtErrors.opening(graph, e);
    }
  }

  /** Ends the profile that was asked for when the model was opened and says where it is. */
  Path endProfile() {
    try {
      return Path.of(session.endProfiling());
    } catch (OrtException e) {
      throw OrtErrors.running(graph, e);
    }
  }

  /**
   * @throws EngineException if a run does not end even when told to; its memory then stays
   */
  @Override
  public void close() {
    if (!gate.shut()) {
      return;
    }
    try {
      if (!gate.awaitEmpty(PATIENCE)) {
        options.setTerminate(true);
        if (!gate.awaitEmpty(PATIENCE)) {
          throw new EngineException("a run of model '" + graph.name() + "' does not end");
        }
      }
      options.close();
      session.close();
      views.forEach(OnnxTensorLike::close);
      NativeHeap.trim();
    } catch (OrtException e) {
      throw OrtErrors.running(graph, e);
    }
  }
}
