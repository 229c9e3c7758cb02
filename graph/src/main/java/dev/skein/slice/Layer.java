package dev.skein.slice;

import dev.skein.graph.Node;
import dev.skein.rewrite.Scope;
import org.jspecify.annotations.Nullable;

/** A node that mixes channels with constant weights: what can be cut by channels. */
sealed interface Layer permits ConvLayer, MatrixLayer {
  /** Null if the node is none, or its weights are not at hand. */
  static @Nullable Layer of(Scope scope, Node node) {
    if (node.makes().size() != 1) {
      return null;
    }
    Layer conv = ConvLayer.of(scope, node);
    return conv != null ? conv : MatrixLayer.of(scope, node);
  }

  Node node();

  /** The value it works on. */
  default String data() {
    return node().inputs().getFirst();
  }

  default String output() {
    return node().outputs().getFirst();
  }

  /** Where {@link #data} has its channels. */
  int dataAxis();

  /** Where {@link #output} has its channels. */
  int outputAxis();

  int outputRank();

  /** Output channels. */
  long outputs();

  /** Input channels. */
  long inputs();

  /** Whether every output depends on every input, so that partial sums over inputs make sense. */
  boolean isDense();

  /** Bounds of so many pieces, as near to equal as the node allows; null if it does not. */
  default long @Nullable [] outputBounds(int pieces) {
    return pieces > outputs() ? null : Shares.bounds(Shares.equal(outputs(), pieces));
  }

  /** Whether a piece may make these output channels and no others. */
  default boolean allows(long from, long to) {
    return true;
  }

  /** Which input channels these output channels depend on; null for all. */
  default @Nullable Region needs(long from, long to) {
    return null;
  }

  /** The node with these output channels only. */
  Node takeOutputs(long[] channels, Parts parts);

  /**
   * The node for these input channels only.
   *
   * @param bias whether to keep the bias, which only one of several partial sums may have
   */
  Node takeInputs(long[] channels, boolean bias, Parts parts);

  /** Weights by which importance is judged, one row for each output channel; for dense layers. */
  String weight();

  /** The axis of {@link #weight} that has the output channels. */
  int weightAxis();
}
