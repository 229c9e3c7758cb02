package dev.skein.rewrite;

import dev.skein.graph.Patch;

/** One way to change a graph so that it computes the same. Stateless; never runs the model. */
public interface Rewrite {
  /** What {@code --passes} takes and errors name: lower case, words joined by hyphens. */
  String name();

  /**
   * Changes in as many places as do not touch each other; the rewriter asks again until there is
   * nothing left. A place that does not meet the pass's conditions is left as it is.
   *
   * @return a patch for the scope's graph; empty if there is nothing to change
   */
  Patch find(Scope scope);
}
