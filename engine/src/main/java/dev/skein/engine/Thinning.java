package dev.skein.engine;

import dev.skein.graph.Attribute;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import dev.skein.graph.TensorType;
import dev.skein.rewrite.Scope;
import dev.skein.slice.Axis;
import dev.skein.slice.ChannelBlock;
import dev.skein.slice.ChannelBlocks;
import dev.skein.slice.Shares;
import dev.skein.slice.Slicer;
import dev.skein.slice.Slicing;
import dev.skein.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Takes apart, within the graph, what would not fit into a budget as a whole: a layer whose weights
 * are too many, and a block of layers with too many channels inside, such as expand → depthwise →
 * project.
 */
final class Thinning {
  // Blocked memory layouts want whole blocks of channels.
  private static final long[] BLOCKS = {16, 8, 1};
  // Pieces are slower than the whole: it has to be that much smaller.
  private static final double WORTH = 0.75;

  private Thinning() {}

  /**
   * @param model with the types of all values declared
   * @param heavy bytes of weights above which a layer is taken apart
   * @param bytes of weights that each piece may have
   */
  static Model layers(Model model, long heavy, long bytes) {
    Model at = model;
    Set<String> done = new HashSet<>();
    while (true) {
      Scope scope = new Scope(at);
      Optional<Patch> patch =
          scope.nodes().stream()
              .filter(node -> weightBytes(scope, node) > heavy && done.add(output(node)))
              .flatMap(node ->
                  Slicer.slice(scope, node, axis(node), pieces(scope, node, bytes)).stream())
              .map(slicing -> Slicer.inGraph(scope, slicing))
              .findFirst();
      if (patch.isEmpty()) {
        return at;
      }
      at = at.with(patch.get().apply(at.graph()));
    }
  }

  /** The axis along which a part of the weights lies in one piece of memory. */
  private static Axis axis(Node node) {
    boolean rows =
        node.op().equals("Gemm")
            && node.attributes().get("transB") instanceof Attribute.OfInt(long transposed)
            && transposed != 0;
    return rows || node.op().endsWith("Conv") ? Axis.OUTPUT_CHANNELS : Axis.INPUT_CHANNELS;
  }

  private static String output(Node node) {
    return node.outputs().getFirst();
  }

  private static long weightBytes(Scope scope, Node node) {
    return node.inputs().stream()
        .map(scope::constant)
        .mapToLong(tensor -> tensor == null ? 0 : tensor.bytes())
        .max()
        .orElse(0);
  }

  private static int pieces(Scope scope, Node node, long bytes) {
    long units = Math.max(1, Slicer.units(scope, node, axis(node)));
    return (int) Math.min(units, Math.ceilDiv(weightBytes(scope, node), Math.max(1, bytes)));
  }

  /**
   * @param model with the types of all values declared, inputs of fixed shapes
   * @param bytes that a value inside a block may take
   */
  static Model blocks(Model model, long bytes) {
    Model at = model;
    Set<String> done = new HashSet<>();
    while (true) {
      Scope scope = new Scope(at);
      Optional<Slicing> slicing =
          ChannelBlocks.of(scope).stream()
              .filter(block -> done.add(output(block.consumer())))
              .flatMap(block -> slice(scope, block, bytes).stream())
              .findFirst();
      if (slicing.isEmpty()) {
        return at;
      }
      Graph sliced = Slicer.inGraph(scope, slicing.get()).apply(at.graph());
      at = at.with(accumulated(sliced, slicing.get().output()));
    }
  }

  /**
   * Before: Sum(p1, …, pn) behind all pieces. After: each piece added to those before it as soon as
   * it is there, so that at most two are alive, and the addition can be fused into the piece.
   */
  private static Graph accumulated(Graph graph, String output) {
    List<String> parts = List.of();
    for (Node node : graph.nodes()) {
      if (node.op().equals("Sum") && node.outputs().equals(List.of(output))) {
        parts = node.inputs();
      }
    }
    List<Node> nodes = new ArrayList<>();
    String sum = "";
    int left = parts.size();
    for (Node node : graph.nodes()) {
      if (node.op().equals("Sum") && node.outputs().equals(List.of(output))) {
        continue;
      }
      nodes.add(node);
      String part = output(node);
      if (parts.contains(part)) {
        left--;
        String next = left == 0 ? output : part + "/sum";
        if (!sum.isEmpty()) {
          nodes.add(Node.of("Add", List.of(sum, part), List.of(next)));
        }
        sum = sum.isEmpty() ? part : next;
      }
    }
    return graph.withNodes(nodes);
  }

  private static long bytes(Scope scope, String value) {
    Shape shape = scope.shape(value);
    TensorType type = scope.type(value);
    return shape == null || type == null ? 0 : type.element().bytes(shape.elements());
  }

  /** In as many pieces as it takes; empty if that would not save much. */
  private static Optional<Slicing> slice(Scope scope, ChannelBlock block, long bytes) {
    List<Node> nodes = block.nodes();
    long[] inside =
        nodes.subList(0, nodes.size() - 1).stream()
            .mapToLong(node -> bytes(scope, output(node)))
            .sorted()
            .toArray();
    long greatest = inside[inside.length - 1];
    // A layer's input and output are alive together; activations are fused.
    long before = greatest + (inside.length > 1 ? inside[inside.length - 2] : 0);
    long result = bytes(scope, output(block.consumer()));
    long wanted = Math.ceilDiv(greatest, Math.max(1, bytes));
    if (wanted < 2 || result == 0) {
      return Optional.empty();
    }
    for (long size : BLOCKS) {
      long units = block.channels() / size;
      if (block.channels() % size == 0 && (units >= wanted || size == 1)) {
        int pieces = (int) Math.min(wanted, units);
        long after = before / pieces + 2 * result;
        long[] sizes = Arrays.stream(Shares.equal(units, pieces)).map(n -> n * size).toArray();
        return after > WORTH * (before + result)
            ? Optional.empty()
            : Optional.of(block.slice(scope, sizes));
      }
    }
    return Optional.empty();
  }
}
