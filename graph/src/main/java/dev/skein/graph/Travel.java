package dev.skein.graph;

import dev.skein.tensor.ElementType;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which values cannot travel between devices: text, sequences, optionals, maps. */
final class Travel {
  private static final Set<String> MAKERS =
      Set.of(
          "SequenceEmpty",
          "SequenceConstruct",
          "SequenceInsert",
          "SequenceErase",
          "SequenceMap",
          "SplitToSequence",
          "Optional",
          "ZipMap",
          "StringNormalizer",
          "StringConcat",
          "StringSplit");

  /** What only moves values leaves them what they are. */
  private static final Set<String> MOVERS =
      Set.of(
          "Identity",
          "Reshape",
          "Flatten",
          "Squeeze",
          "Unsqueeze",
          "Gather",
          "GatherElements",
          "GatherND",
          "Concat",
          "Slice",
          "Split",
          "Transpose",
          "Expand",
          "Tile",
          "Where",
          "Unique",
          "SequenceAt",
          "OptionalGetElement");

  private final Set<String> unfit = new HashSet<>();

  private Travel() {}

  static Set<String> unfit(Graph graph) {
    Travel travel = new Travel();
    travel.scan(graph);
    return travel.unfit;
  }

  private void scan(Graph graph) {
    graph.inputs().forEach(this::declared);
    graph.annotations().forEach(this::declared);
    graph
        .weights()
        .forEach((name, weight) -> {
          if (weight.type().element() == ElementType.STRING) {
            unfit.add(name);
          }
        });
    graph.nodes().forEach(this::scan);
    graph.outputs().forEach(this::declared);
  }

  private void declared(Value value) {
    TensorType type = value.type();
    boolean text = type != null && type.element() == ElementType.STRING;
    // Without a tensor type, a rest can only be another type or documentation; better one cut less.
    if (text || (type == null && !value.rest().equals(Opaque.NONE))) {
      unfit.add(value.name());
    }
  }

  private void scan(Node node) {
    boolean moves = MOVERS.contains(node.op()) && node.inputs().stream().anyMatch(unfit::contains);
    if (MAKERS.contains(node.op()) || castsToText(node) || moves) {
      unfit.addAll(node.makes());
    }
    for (Graph body : node.bodies()) {
      Travel inner = new Travel();
      inner.unfit.addAll(unfit);
      inner.unfit.removeAll(body.defined());
      inner.scan(body);
      // A loop's body returns its condition first, which the loop keeps to itself.
      int skip = node.op().equals("Loop") ? 1 : 0;
      List<Value> outputs = body.outputs();
      for (int i = skip; i < outputs.size() && i - skip < node.outputs().size(); i++) {
        if (inner.unfit.contains(outputs.get(i).name())) {
          unfit.add(node.outputs().get(i - skip));
        }
      }
    }
  }

  private static boolean castsToText(Node node) {
    return node.attributes().get("to") instanceof Attribute.OfInt(long code)
        && code == ElementType.STRING.code();
  }
}
