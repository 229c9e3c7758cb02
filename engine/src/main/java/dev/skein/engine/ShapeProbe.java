package dev.skein.engine;

import dev.skein.graph.Dim;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import dev.skein.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** What the values inside a model look like, asked of ONNX Runtime itself. */
public final class ShapeProbe {
  private static final SessionOptions AS_WRITTEN = new SessionOptions(1, Optimization.NONE);

  private ShapeProbe() {}

  /**
   * Runs the model once, unoptimised and with every value as an output (so with all its activations
   * in memory at once).
   *
   * @return type and shape of every tensor: the inputs given, then what the nodes make, in graph
   *     order; without weights and without values that are not tensors of numbers
   * @throws EngineException if the model cannot be opened or fails on these inputs
   */
  public static Map<String, TensorSpec> probe(Model model, Map<String, Tensor> inputs) {
    new InputCheck(model.graph()).check(inputs);
    return probe(model, inputs, ShapeProbe::open);
  }

  static Map<String, TensorSpec> probe(
      Model model, Map<String, Tensor> inputs, Function<Model, OpenModel> opener) {
    Map<String, TensorSpec> specs = new LinkedHashMap<>();
    inputs.forEach((name, tensor) -> specs.put(name, TensorSpec.of(tensor)));
    specs.putAll(new Question<>(opener, open -> run(open, inputs)).ask(model));
    return specs;
  }

  /**
   * What ONNX Runtime can tell about intermediate values without running the model; axes that
   * depend on the inputs stay unknown or keep their name.
   *
   * @return types by name, in graph order; of tensors of numbers only
   * @throws EngineException if the model cannot be opened
   */
  public static Map<String, TensorType> types(Model model) {
    try {
      return types(Hollow.of(model), ShapeProbe::open);
    } catch (EngineException e) {
      // Some operators take certain operands as constants only.
      return types(model, ShapeProbe::open);
    }
  }

  static Map<String, TensorType> types(Model model, Function<Model, OpenModel> opener) {
    return new Question<>(opener, OpenModel::outputTypes).ask(model);
  }

  private static OpenModel open(Model model) {
    return ModelOpener.open(model, AS_WRITTEN, ModelOpener.Trace.NONE);
  }

  /** The model with its {@link #types} declared, so that every part of it can be opened alone. */
  public static Model annotate(Model model) {
    return model.with(model.graph().annotated(types(model)));
  }

  /**
   * Zeros for every input without a default.
   *
   * @param symbols sizes of named unknown axes; other unknown axes have size 1
   */
  public static Map<String, Tensor> zeros(Model model, Map<String, Long> symbols) {
    Map<String, Tensor> zeros = new LinkedHashMap<>();
    for (Value input : model.graph().requiredInputs()) {
      TensorType type = input.type();
      if (type == null) {
        throw new EngineException("input '" + input.name() + "' has no tensor type");
      }
      InputCheck.requireSupported("input", input.name(), type.element());
      List<Dim> dims = type.dims() == null ? List.of(Dim.UNKNOWN) : type.dims();
      long[] sizes = dims.stream().mapToLong(dim -> size(dim, symbols)).toArray();
      zeros.put(input.name(), Tensor.allocate(type.element(), Shape.of(sizes)));
    }
    return zeros;
  }

  private static long size(Dim dim, Map<String, Long> symbols) {
    if (dim.isFixed()) {
      return dim.size();
    }
    return dim.symbol() == null ? 1 : symbols.getOrDefault(dim.symbol(), 1L);
  }

  private static Map<String, TensorSpec> run(OpenModel open, Map<String, Tensor> inputs) {
    Set<String> tensors = open.outputTypes().keySet();
    return open.run(inputs, tensors, Map.of(), result -> Tensors.specs(result));
  }

  /** Asked of a model with all its values as outputs, or of as many at once as can be. */
  private record Question<T>(
      Function<Model, OpenModel> opener, Function<OpenModel, Map<String, T>> question) {
    Map<String, T> ask(Model model) {
      Set<String> names = new LinkedHashSet<>();
      model.graph().nodes().forEach(node -> names.addAll(node.makes()));
      List<String> values = List.copyOf(names);
      if (values.isEmpty()) {
        return Map.of();
      }
      try {
        return exposed(model, values);
      } catch (EngineException e) {
        exposed(model, List.of());
        return halves(model, values);
      }
    }

    // Some value cannot be an output, though the model as such works: find the others.
    private Map<String, T> halves(Model model, List<String> values) {
      Map<String, T> answers = new LinkedHashMap<>();
      if (values.size() == 1) {
        return answers;
      }
      int half = values.size() / 2;
      for (List<String> part :
          List.of(values.subList(0, half), values.subList(half, values.size()))) {
        try {
          answers.putAll(exposed(model, part));
        } catch (EngineException e) {
          answers.putAll(halves(model, part));
        }
      }
      return answers;
    }

    /** Asks about the given values; none means the model's own outputs. */
    private Map<String, T> exposed(Model model, List<String> values) {
      Graph graph = model.graph();
      Set<String> wanted = new HashSet<>(values);
      List<Value> outputs = new ArrayList<>();
      for (Value output : graph.outputs()) {
        if (values.isEmpty() || wanted.remove(output.name())) {
          outputs.add(output);
        }
      }
      values.stream().filter(wanted::contains).forEach(name -> outputs.add(Value.of(name, null)));
      Graph open =
          new Graph(
              graph.name(),
              graph.inputs(),
              outputs,
              graph.nodes(),
              graph.weights(),
              graph.annotations(),
              graph.rest());
      Map<String, T> answers;
      try (OpenModel opened = opener.apply(model.with(open))) {
        answers = question.apply(opened);
      }
      Map<String, T> ordered = new LinkedHashMap<>();
      for (String name : values) {
        T answer = answers.get(name);
        if (answer != null) {
          ordered.put(name, answer);
        }
      }
      return ordered;
    }
  }
}
