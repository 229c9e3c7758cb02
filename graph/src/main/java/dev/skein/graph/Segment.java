package dev.skein.graph;

/** The operators between two cuts: the unit of placement. */
public record Segment(Cut from, Cut to) {
  public Segment {
    if (from.position() > to.position()) {
      throw new GraphException(
          "a segment cannot run from position %d back to %d"
              .formatted(from.position(), to.position()));
    }
  }
}
