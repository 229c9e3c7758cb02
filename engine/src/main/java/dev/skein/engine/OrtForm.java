package dev.skein.engine;

import dev.skein.graph.Attribute;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.graph.Weight;
import dev.skein.tensor.ElementType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model as ONNX Runtime and its Java binding take it. Before and after:
 *
 * <ul>
 *   <li>Input x of uint16, uint32 or uint64, which the binding cannot make: input x′ of the signed
 *       type of that width, and x = Cast(x′), which keeps every bit.
 *   <li>Input w with a default, a weight: just the weight, so that it can be folded and fused. The
 *       binding could not override it anyway.
 *   <li>Nodes of the same name, which are refused: names with a number behind.
 *   <li>Weights that nothing reads, which it would not find: left out.
 * </ul>
 *
 * @param inputNames name of the input of {@code model} by the original's, where they differ
 */
record OrtForm(Model model, Map<String, String> inputNames) {
  static OrtForm of(Model model) {
    Graph graph = model.graph();
    Map<String, String> names = new HashMap<>();
    List<Value> inputs = new ArrayList<>();
    List<Node> nodes = new ArrayList<>();
    for (Value input : graph.requiredInputs()) {
      TensorType type = input.type();
      ElementType signed = type == null ? null : signed(type.element());
      if (type == null || signed == null) {
        inputs.add(input);
        continue;
      }
      String name = input.name() + "/skein_signed";
      names.put(input.name(), name);
      inputs.add(Value.of(name, new TensorType(signed, type.dims())));
      nodes.add(
          Node.of("Cast", List.of(name), List.of(input.name()))
              .with("to", new Attribute.OfInt(type.element().code())));
    }
    boolean renamed = addNodes(graph.nodes(), nodes);
    Map<String, Weight> weights = new LinkedHashMap<>(graph.weights());
    weights.keySet().retainAll(used(graph));
    Graph changed =
        new Graph(
            graph.name(),
            inputs,
            graph.outputs(),
            nodes,
            weights,
            graph.annotations(),
            graph.rest());
    boolean same =
        inputs.equals(graph.inputs()) && !renamed && weights.size() == graph.weights().size();
    return new OrtForm(same ? model : model.with(changed), names);
  }

  private static Set<String> used(Graph graph) {
    Set<String> used = new HashSet<>();
    graph.nodes().forEach(node -> used.addAll(node.reads()));
    graph.outputs().forEach(output -> used.add(output.name()));
    return used;
  }

  private static boolean addNodes(List<Node> from, List<Node> to) {
    Set<String> names = new HashSet<>();
    from.forEach(node -> names.add(node.name()));
    Set<String> seen = new HashSet<>();
    boolean renamed = false;
    for (Node node : from) {
      String name = node.name();
      if (!name.isEmpty() && !seen.add(name)) {
        name += "_" + to.size();
        while (!names.add(name)) {
          name += "_";
        }
        renamed = true;
      }
      to.add(named(node, name));
    }
    return renamed;
  }

  static Node named(Node node, String name) {
    return new Node(
        name,
        node.op(),
        node.domain(),
        node.inputs(),
        node.outputs(),
        node.attributes(),
        node.rest());
  }

  private static @Nullable ElementType signed(ElementType type) {
    return switch (type) {
      case UINT16 -> ElementType.INT16;
      case UINT32 -> ElementType.INT32;
      case UINT64 -> ElementType.INT64;
      default -> null;
    };
  }

  /** The type under which the memory of such an input is wrapped; the type itself for others. */
  static ElementType carrier(ElementType type) {
    ElementType signed = signed(type);
    return signed == null ? type : signed;
  }
}
