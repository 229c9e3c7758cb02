package dev.skein.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtSession;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.tensor.Tensor;
import dev.skein.tensor.TensorSpec;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A model ready to run on this machine. Inputs are not copied on the way in, nor are outputs from
 * the second run with the same input shapes on.
 *
 * <p>Threads: any number may run at once, each on its own thread (plus the session's, if it has
 * more than one). A run is one long native call, so on a virtual thread it would hold up others:
 * run on platform threads. Closing waits for the runs under way.
 *
 * <p>Memory: outputs are freed when the collector finds them unreachable.
 */
public final class Session implements AutoCloseable {
  private final OpenModel open;
  private final List<Value> inputs;
  private final List<Value> outputs;
  // Outputs that ONNX Runtime makes: all but those that are inputs.
  private final Set<String> made;
  private final InputCheck check;
  private final OutputSpecs known = new OutputSpecs();
  private final SessionOptions options;

  private Session(Graph graph, SessionOptions options, InputCheck check, OpenModel open) {
    this.open = open;
    this.options = options;
    this.check = check;
    this.inputs = graph.requiredInputs();
    this.outputs = typed(graph.outputs(), open.outputTypes());
    Set<String> names = new LinkedHashSet<>();
    outputs.forEach(output -> names.add(output.name()));
    inputs.forEach(input -> names.remove(input.name()));
    this.made = Collections.unmodifiableSet(names);
  }

  /**
   * @throws EngineException if ONNX Runtime cannot run the model, a weight is not at hand, or an
   *     input or output is of a type that cannot be passed
   */
  public static Session open(Model model, SessionOptions options) {
    Graph graph = model.graph();
    InputCheck check = new InputCheck(graph);
    for (Value output : graph.outputs()) {
      if (output.type() != null) {
        InputCheck.requireSupported("output", output.name(), output.type().element());
      }
    }
    OpenModel open = ModelOpener.open(model, options, ModelOpener.Trace.NONE);
    return new Session(graph, options, check, open);
  }

  private static List<Value> typed(List<Value> outputs, Map<String, TensorType> inferred) {
    return outputs.stream()
        .map(value ->
            value.type() == null ? Value.of(value.name(), inferred.get(value.name())) : value)
        .toList();
  }

  /** How it was opened. */
  public SessionOptions options() {
    return options;
  }

  /** What {@link #run} wants. An input with a default is not among them: it keeps its default. */
  public List<Value> inputs() {
    return inputs;
  }

  /** What {@link #run} gives, in order. */
  public List<Value> outputs() {
    return outputs;
  }

  /**
   * @param given a tensor by name for every input; nobody may write them meanwhile
   * @return a fresh tensor for every output, in order; an output that is an input is as given
   * @throws EngineException if an input is missing, unknown, or of the wrong type or shape, if the
   *     model fails, or if the session is closed
   */
  public Map<String, Tensor> run(Map<String, Tensor> given) {
    List<TensorSpec> key = check.check(given);
    if (made.isEmpty()) {
      return complete(Map.of(), given);
    }
    List<TensorSpec> expected = known.of(key);
    if (expected == null) {
      Map<String, Tensor> result = runAndCopy(given);
      known.learn(key, result.values().stream().map(TensorSpec::of).toList());
      return complete(result, given);
    }
    Map<String, Tensor> result = allocate(expected);
    try {
      return open.run(given, Set.of(), result, ignored -> complete(result, given));
    } catch (EngineException e) {
      // Shapes that depend on values are found out by ONNX Runtime. Any other failure comes again.
      Map<String, Tensor> copied = runAndCopy(given);
      known.giveUp();
      return complete(copied, given);
    }
  }

  /**
   * Runs into memory that is there already.
   *
   * @param into of exactly the type and shape of every output
   */
  void run(Map<String, Tensor> given, Map<String, Tensor> into) {
    check.check(given);
    open.run(given, Set.of(), into, ignored -> into);
  }

  /** Runs several times and drops the results, so that later runs are at full speed. */
  public void warmUp(Map<String, Tensor> given, int runs) {
    for (int i = 0; i < runs; i++) {
      run(given);
    }
  }

  private Map<String, Tensor> runAndCopy(Map<String, Tensor> given) {
    return open.run(given, made, Map.of(), this::copies);
  }

  private Map<String, Tensor> copies(OrtSession.Result result) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (String name : made) {
      OnnxValue value = result.get(name).orElse(null);
      Tensor copy = value instanceof OnnxTensor tensor ? Tensors.copy(tensor) : null;
      if (copy == null) {
        throw new EngineException(
            "output '" + name + "' is not a tensor of numbers and cannot be returned");
      }
      tensors.put(name, copy);
    }
    return tensors;
  }

  private Map<String, Tensor> allocate(List<TensorSpec> specs) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    int i = 0;
    for (String name : made) {
      TensorSpec spec = specs.get(i++);
      tensors.put(name, Tensor.allocate(spec.type(), spec.shape()));
    }
    return tensors;
  }

  // ONNX Runtime does not copy an input into memory that it is given for an output.
  private Map<String, Tensor> complete(Map<String, Tensor> result, Map<String, Tensor> given) {
    if (result.size() == outputs.size()) {
      return Collections.unmodifiableMap(result);
    }
    Map<String, Tensor> all = new LinkedHashMap<>();
    for (Value output : outputs) {
      Map<String, Tensor> source = made.contains(output.name()) ? result : given;
      all.put(output.name(), Objects.requireNonNull(source.get(output.name())));
    }
    return Collections.unmodifiableMap(all);
  }

  /** Waits for the runs under way; later ones fail. Further calls do nothing. */
  @Override
  public void close() {
    open.close();
  }
}
