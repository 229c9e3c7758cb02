package dev.skein.slice;

/** How the results of pieces become the result of the whole. */
public sealed interface Merge {
  /** Joined in the order of the pieces. */
  record Concat(int axis) implements Merge {}

  /** Added up. */
  record Sum() implements Merge {}
}
