package dev.skein.rewrite;

import dev.skein.graph.Dim;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.graph.Weight;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A model as passes look at it: who makes a value, who reads it, what is constant, what is known of
 * types. Bodies of branches and loops are opaque: a node reads what its bodies capture.
 */
public final class Scope {
  private final Model model;
  private final Map<String, Node> makers = new HashMap<>();
  private final Map<String, List<Node>> readers = new HashMap<>();
  private final Map<String, TensorType> types = new HashMap<>();
  private final Set<String> inputs = new HashSet<>();
  private final Set<String> outputs = new HashSet<>();
  private final Set<String> names = new HashSet<>();
  private final Set<String> bodyNames = new HashSet<>();
  private final Map<String, Integer> numbers = new HashMap<>();

  /** Looks at the model once; in linear time. */
  public Scope(Model model) {
    this.model = model;
    Graph graph = model.graph();
    graph.requiredInputs().forEach(value -> inputs.add(value.name()));
    graph.outputs().forEach(value -> outputs.add(value.name()));
    Stream.of(graph.inputs(), graph.outputs(), graph.annotations())
        .flatMap(List::stream)
        .forEach(this::declare);
    names.addAll(graph.weights().keySet());
    for (Node node : graph.nodes()) {
      for (String value : node.makes()) {
        makers.put(value, node);
        names.add(value);
      }
      for (String value : node.reads()) {
        readers.computeIfAbsent(value, ignored -> new ArrayList<>()).add(node);
        names.add(value);
      }
      addBodyNames(node);
    }
    names.addAll(bodyNames);
  }

  private void declare(Value value) {
    names.add(value.name());
    if (value.type() != null) {
      types.putIfAbsent(value.name(), value.type());
    }
  }

  // A body's own names hide those around it, so a fresh name must not be one of them.
  private void addBodyNames(Node node) {
    for (Graph body : node.bodies()) {
      body.inputs().forEach(value -> bodyNames.add(value.name()));
      bodyNames.addAll(body.weights().keySet());
      for (Node each : body.nodes()) {
        bodyNames.addAll(each.makes());
        addBodyNames(each);
      }
    }
  }

  public Model model() {
    return model;
  }

  public Graph graph() {
    return model.graph();
  }

  public List<Node> nodes() {
    return model.graph().nodes();
  }

  /** Version of the standard operator set; 0 if the model names none. */
  public long opset() {
    return model.opsets().getOrDefault("", model.opsets().getOrDefault("ai.onnx", 0L));
  }

  /** Whether this is the standard operator of that name. */
  public static boolean is(@Nullable Node node, String... ops) {
    return node != null
        && (node.domain().isEmpty() || node.domain().equals("ai.onnx"))
        && List.of(ops).contains(node.op());
  }

  /** The node that makes a value; null for inputs and weights. */
  public @Nullable Node maker(String value) {
    return makers.get(value);
  }

  /** Nodes that read a value, bodies included, each once, in order. */
  public List<Node> readers(String value) {
    return List.copyOf(readers.getOrDefault(value, List.of()));
  }

  /** The one node that uses a value; null if there are more, none, or the caller gets it. */
  public @Nullable Node onlyReader(String value) {
    List<Node> all = readers.getOrDefault(value, List.of());
    return all.size() == 1 && !outputs.contains(value) ? all.getFirst() : null;
  }

  public boolean isInput(String value) {
    return inputs.contains(value);
  }

  public boolean isOutput(String value) {
    return outputs.contains(value);
  }

  /**
   * Whether a patch that drops what makes {@code from} may let all its uses have {@code to}. False
   * if a body has a value of its own of a name that it might have to read, and if the caller knows
   * both names, or {@code from} and a weight: then a copy is needed, and nothing would be gained.
   */
  public boolean mayRedirect(String from, String to) {
    boolean hidden = bodyNames.contains(to) || (isOutput(from) && bodyNames.contains(from));
    boolean copied = isOutput(from) && (isOutput(to) || !makers.containsKey(to));
    return !hidden && !copied;
  }

  /** The values of a weight that is at hand; null for anything else. */
  public @Nullable Tensor constant(String value) {
    return graph().weights().get(value) instanceof Weight.Held(Tensor tensor) ? tensor : null;
  }

  /** A {@link #constant} of single-precision numbers; null for anything else. */
  public @Nullable Tensor floats(String value) {
    Tensor tensor = constant(value);
    return tensor != null && tensor.type() == ElementType.FLOAT ? tensor : null;
  }

  /** What is declared or known of a value; null if nothing is. */
  public @Nullable TensorType type(String value) {
    Weight weight = graph().weights().get(value);
    return weight == null ? types.get(value) : weight.type();
  }

  /** A value's number of axes, or -1 if it is not known. */
  public int rank(String value) {
    TensorType type = type(value);
    List<Dim> dims = type == null ? null : type.dims();
    return dims == null ? -1 : dims.size();
  }

  /** A value's shape if every axis is known; null otherwise. */
  public @Nullable Shape shape(String value) {
    TensorType type = type(value);
    List<Dim> dims = type == null ? null : type.dims();
    return dims != null && dims.stream().allMatch(Dim::isFixed)
        ? Shape.of(dims.stream().mapToLong(Dim::size).toArray())
        : null;
  }

  /** A name that nothing in the graph has; each call gives another. */
  public String fresh(String stem) {
    int number = numbers.computeIfAbsent(stem, this::firstFree);
    while (!names.add(stem + "_" + number)) {
      number++;
    }
    numbers.put(stem, number + 1);
    return stem + "_" + number;
  }

  // Numbers are given out in order, so a free one behind taken ones is found by halving: a pass
  // may ask in each of thousands of scopes.
  private int firstFree(String stem) {
    int free = 1;
    while (names.contains(stem + "_" + free)) {
      free *= 2;
    }
    int taken = free / 2;
    while (free - taken > 1) {
      int middle = (taken + free) / 2;
      if (names.contains(stem + "_" + middle)) {
        taken = middle;
      } else {
        free = middle;
      }
    }
    return free;
  }
}
