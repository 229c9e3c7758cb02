package dev.skein.slice;

import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import dev.skein.rewrite.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Takes single layers apart (DeColla, "parallel inference in DNN layers"): convolutions of any
 * kind, Gemm and MatMul with a constant right side. Weights must be at hand, and for rows the sizes
 * of the values must be declared.
 */
public final class Slicer {
  private Slicer() {}

  /** How a node can be taken apart in at least two pieces; empty for other nodes. */
  public static List<Axis> axes(Scope scope, Node node) {
    List<Axis> axes = new ArrayList<>();
    for (Axis axis : List.of(Axis.OUTPUT_CHANNELS, Axis.INPUT_CHANNELS, Axis.ROWS)) {
      if (units(scope, node, axis) > 1) {
        axes.add(axis);
      }
    }
    return axes;
  }

  /** Into how many pieces at most a node can be cut: its channels or rows; 0 if not at all. */
  public static long units(Scope scope, Node node, Axis axis) {
    Layer layer = Layer.of(scope, node);
    return switch (axis) {
      case OUTPUT_CHANNELS -> layer == null ? 0 : layer.outputs();
      case INPUT_CHANNELS -> layer == null || !layer.isDense() ? 0 : layer.inputs();
      case ROWS ->
          layer instanceof MatrixLayer matrix
              ? matrix.rows(scope)
              : isConv(node) ? RowTiles.rows(scope, List.of(node)) : 0;
      case BLOCK_CHANNELS -> 0;
    };
  }

  private static boolean isConv(Node node) {
    return Scope.is(node, "Conv", "QLinearConv");
  }

  /**
   * Pieces as near to equal as the node's groups allow.
   *
   * @return empty if the node cannot be cut along this axis into so many pieces
   */
  public static Optional<Slicing> slice(Scope scope, Node node, Axis axis, int pieces) {
    long units = units(scope, node, axis);
    if (pieces < 1 || pieces > units) {
      return Optional.empty();
    }
    Layer layer = Layer.of(scope, node);
    long[] bounds =
        axis == Axis.OUTPUT_CHANNELS && layer != null
            ? layer.outputBounds(pieces)
            : Shares.bounds(Shares.equal(units, pieces));
    return bounds == null ? Optional.empty() : cut(scope, node, axis, bounds);
  }

  /**
   * Pieces of these sizes, in channels or rows of the axis.
   *
   * @return empty if the node cannot be cut along this axis, or not so: within a group of a
   *     convolution, and rows that depend on padding only
   * @throws IllegalArgumentException if the sizes are not positive or do not add up to {@link
   *     #units}
   */
  public static Optional<Slicing> slice(Scope scope, Node node, Axis axis, long[] sizes) {
    long units = units(scope, node, axis);
    if (units == 0) {
      return Optional.empty();
    }
    Shares.require(units, sizes);
    return cut(scope, node, axis, Shares.bounds(sizes));
  }

  /**
   * The same in one graph: each input cut in front, the pieces beside each other, and their results
   * merged behind.
   *
   * @param slicing of the scope's graph, or of one that differs elsewhere only
   * @throws IllegalArgumentException if its nodes are no longer there
   */
  public static Patch inGraph(Scope scope, Slicing slicing) {
    return new InGraph(scope, slicing).patch();
  }

  private static Optional<Slicing> cut(Scope scope, Node node, Axis axis, long[] bounds) {
    Layer layer = Layer.of(scope, node);
    if (axis == Axis.ROWS && !(layer instanceof MatrixLayer)) {
      return RowTiles.cut(scope, List.of(node), bounds);
    }
    if (layer == null) {
      return Optional.empty();
    }
    List<Piece> pieces = new ArrayList<>();
    for (int i = 0; i + 1 < bounds.length; i++) {
      Piece piece = piece(scope, layer, axis, bounds[i], bounds[i + 1]);
      if (piece == null) {
        return Optional.empty();
      }
      pieces.add(piece);
    }
    Merge merge =
        switch (axis) {
          case OUTPUT_CHANNELS -> new Merge.Concat(layer.outputAxis());
          case INPUT_CHANNELS, BLOCK_CHANNELS -> new Merge.Sum();
          case ROWS -> new Merge.Concat(layer.outputRank() - 2);
        };
    return Optional.of(new Slicing(axis, List.of(node), pieces, merge, layer.output()));
  }

  private static @Nullable Piece piece(Scope scope, Layer layer, Axis axis, long from, long to) {
    long[] channels = LongStream.range(from, to).toArray();
    Parts parts = new Parts(scope);
    Node node;
    Region needed;
    Region made = null;
    switch (axis) {
      case OUTPUT_CHANNELS -> {
        if (!layer.allows(from, to)) {
          return null;
        }
        node = layer.takeOutputs(channels, parts);
        needed = layer.needs(from, to);
        made = new Region(layer.outputAxis(), from, to);
      }
      case INPUT_CHANNELS -> {
        node = layer.takeInputs(channels, from == 0, parts);
        needed = new Region(layer.dataAxis(), from, to);
      }
      case ROWS -> {
        MatrixLayer matrix = (MatrixLayer) layer;
        node = matrix.takeRows(channels, parts);
        needed = new Region(matrix.rowAxis(), from, to);
        made = new Region(layer.outputRank() - 2, from, to);
      }
      default -> {
        return null;
      }
    }
    Map<String, Region> inputs = needed == null ? Map.of() : Map.of(layer.data(), needed);
    return new PieceModels(scope)
        .piece(List.of(node), parts.weights(), inputs, layer.output(), made);
  }
}
