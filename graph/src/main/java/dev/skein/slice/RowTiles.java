package dev.skein.slice;

import dev.skein.graph.Cut;
import dev.skein.graph.Cuts;
import dev.skein.graph.Node;
import dev.skein.graph.Segment;
import dev.skein.rewrite.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Takes one layer or several in a row apart by rows of their output. Each piece computes all of the
 * layers for its own rows, from those rows of the input that these depend on: its own and a halo,
 * which neighbours compute twice (DeepThings' fused tiles; CoEdge for sizes by device).
 */
public final class RowTiles {
  private RowTiles() {}

  /**
   * Segments that can be taken apart by rows, as long as can be, between cuts of one value.
   *
   * @return without those of no node or of less than two output rows
   */
  public static List<Segment> segments(Scope scope) {
    List<Segment> found = new ArrayList<>();
    List<Cut> cuts =
        Cuts.of(scope.graph(), 1).stream().filter(cut -> cut.values().size() == 1).toList();
    for (int from = 0; from + 1 < cuts.size(); ) {
      int to = from;
      while (to + 1 < cuts.size()
          && rows(scope, new Segment(cuts.get(from), cuts.get(to + 1))) > 1) {
        to++;
      }
      if (to > from) {
        found.add(new Segment(cuts.get(from), cuts.get(to)));
      }
      from = Math.max(to, from + 1);
    }
    return List.copyOf(found);
  }

  /** Rows of a segment's output; 0 if it cannot be taken apart by rows. */
  public static long rows(Scope scope, Segment segment) {
    return rows(scope, nodes(scope, segment));
  }

  /**
   * Pieces of as many rows each as can be.
   *
   * @param segment its last cut has one value
   * @return empty if a node of the segment does not work row by row, a size is not known, or there
   *     are fewer rows than pieces
   */
  public static Optional<Slicing> of(Scope scope, Segment segment, int pieces) {
    List<Node> nodes = nodes(scope, segment);
    long rows = rows(scope, nodes);
    return pieces < 1 || pieces > rows
        ? Optional.empty()
        : cut(scope, nodes, Shares.bounds(Shares.equal(rows, pieces)));
  }

  /**
   * Pieces of so many output rows each; see {@link #of(Scope, Segment, int)}.
   *
   * @throws IllegalArgumentException if the sizes are not positive or do not add up to {@link
   *     #rows}
   */
  public static Optional<Slicing> of(Scope scope, Segment segment, long[] sizes) {
    List<Node> nodes = nodes(scope, segment);
    long rows = rows(scope, nodes);
    if (rows == 0) {
      return Optional.empty();
    }
    Shares.require(rows, sizes);
    return cut(scope, nodes, Shares.bounds(sizes));
  }

  private static List<Node> nodes(Scope scope, Segment segment) {
    return scope.nodes().subList(segment.from().position(), segment.to().position());
  }

  static long rows(Scope scope, List<Node> nodes) {
    RowFlow flow = RowFlow.of(scope, nodes);
    return flow == null ? 0 : flow.outputRows();
  }

  static Optional<Slicing> cut(Scope scope, List<Node> nodes, long[] bounds) {
    RowFlow flow = RowFlow.of(scope, nodes);
    if (flow == null) {
      return Optional.empty();
    }
    List<Piece> pieces = new ArrayList<>();
    for (int i = 0; i + 1 < bounds.length; i++) {
      Piece piece = new RowTile(scope, flow).make(bounds[i], bounds[i + 1]);
      if (piece == null) {
        return Optional.empty();
      }
      pieces.add(piece);
    }
    Merge merge = new Merge.Concat(RowRules.ROWS);
    return Optional.of(new Slicing(Axis.ROWS, flow.nodes(), pieces, merge, flow.output()));
  }
}
