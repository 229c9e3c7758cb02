package dev.skein.engine;

import dev.skein.graph.Cut;
import dev.skein.graph.Cuts;
import dev.skein.graph.Graph;
import dev.skein.graph.Node;
import dev.skein.graph.Segment;
import dev.skein.graph.Segments;
import dev.skein.graph.Value;
import dev.skein.graph.Weight;
import dev.skein.tensor.ElementType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Takes a graph apart where ONNX Runtime fuses nothing, without asking it, which would need memory
 * for all weights at once (see {@link Fusions} for the exact answer). At a seam there are values
 * that linear operators read and that come out of what they like to have fused into themselves, and
 * pieces that are joined later.
 */
final class Seams {
  private static final Set<String> LINEAR = Set.of("Conv", "Gemm", "MatMul");
  private static final Set<String> ENDS =
      Set.of(
          "Relu",
          "Clip",
          "LeakyRelu",
          "Add",
          "Concat",
          "MaxPool",
          "AveragePool",
          "GlobalAveragePool",
          "Flatten",
          "Reshape",
          "Dropout");

  private static final Set<ElementType> HALVES = Set.of(ElementType.FLOAT16, ElementType.BFLOAT16);

  // As many as the pieces of a layer that was taken apart.
  private static final int MOST_VALUES = 64;

  private Seams() {}

  /**
   * A chain of segments that together are the graph, each with weights of at most that many bytes
   * if seams allow; one segment if nodes have bodies, or values are of half precision, which ONNX
   * Runtime keeps in float where parts would round.
   */
  static List<Segment> parts(Graph graph, long mostBytes) {
    List<Cut> cuts = Cuts.of(graph, MOST_VALUES);
    List<Cut> chosen = new ArrayList<>(List.of(cuts.getFirst()));
    boolean whole = isHalf(graph) || graph.nodes().stream().anyMatch(n -> !n.bodies().isEmpty());
    Cut candidate = null;
    for (Cut cut : cuts.subList(1, whole ? 1 : cuts.size() - 1)) {
      if (!isSeam(graph, cut)) {
        continue;
      }
      if (candidate != null && weightBytes(graph, chosen.getLast(), cut) > mostBytes) {
        chosen.add(candidate);
      }
      candidate = cut;
    }
    if (candidate != null && weightBytes(graph, chosen.getLast(), cuts.getLast()) > mostBytes) {
      chosen.add(candidate);
    }
    chosen.add(cuts.getLast());
    return Segments.between(chosen);
  }

  private static boolean isHalf(Graph graph) {
    return Stream.concat(graph.inputs().stream(), graph.annotations().stream())
        .map(Value::type)
        .anyMatch(type -> type != null && HALVES.contains(type.element()));
  }

  private static boolean isSeam(Graph graph, Cut cut) {
    Set<String> values = new HashSet<>(cut.values());
    Set<String> free = new HashSet<>(cut.values());
    Set<String> joined = new HashSet<>(cut.values());
    for (Node node : graph.nodes()) {
      boolean linear = LINEAR.contains(node.op());
      boolean end = ENDS.contains(node.op()) && node.domain().isEmpty();
      for (String value : node.makes()) {
        if (values.contains(value) && !end) {
          free.remove(value);
          if (!linear) {
            joined.remove(value);
          }
        }
      }
      for (String value : node.reads()) {
        // A sum joins the convolution that makes its other part.
        if (!linear && !node.op().equals("Add")) {
          free.remove(value);
        }
        if (!node.op().equals("Concat")) {
          joined.remove(value);
        }
      }
    }
    values.removeAll(free);
    values.removeAll(joined);
    return values.isEmpty();
  }

  private static long weightBytes(Graph graph, Cut from, Cut to) {
    Set<String> names = new HashSet<>();
    graph
        .nodes()
        .subList(from.position(), to.position())
        .forEach(node -> names.addAll(node.reads()));
    Map<String, Weight> weights = graph.weights();
    return names.stream()
        .map(weights::get)
        .mapToLong(weight -> weight == null ? 0 : weight.bytes())
        .sum();
  }
}
