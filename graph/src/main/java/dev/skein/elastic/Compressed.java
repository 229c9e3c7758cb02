package dev.skein.elastic;

import dev.skein.graph.Model;
import java.util.List;

/**
 * A smaller model.
 *
 * @param model of values that changed their size only the rank is declared
 * @param changes layers that are not as they were, in the graph's order
 */
public record Compressed(Model model, List<Change> changes) {
  public Compressed {
    changes = List.copyOf(changes);
  }

  /** What was done to one layer. */
  public sealed interface Change {
    /** The value that the layer made, and still makes, perhaps with fewer channels. */
    String value();
  }

  /**
   * One layer became two.
   *
   * @param energy the share of the weights' sum of squares that is kept
   */
  public record Factored(String value, int fullRank, int rank, double energy) implements Change {}

  /**
   * A layer lost channels.
   *
   * @param channels how many it had
   * @param removed which of them are gone, in order
   */
  public record Pruned(String value, long channels, List<Long> removed) implements Change {
    public Pruned {
      removed = List.copyOf(removed);
    }
  }
}
