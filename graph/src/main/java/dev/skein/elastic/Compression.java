package dev.skein.elastic;

import dev.skein.graph.Model;

/**
 * Derives a smaller model that computes nearly the same. It is applied once: a second time it would
 * take away more. Deterministic.
 */
public sealed interface Compression permits LowRank, PruneChannels {
  /** Lower case, words joined by hyphens. */
  String name();

  /**
   * @param model its weights at hand and its constants among its weights; layers that do not meet
   *     the operator's conditions stay as they are
   */
  Compressed compress(Model model);
}
