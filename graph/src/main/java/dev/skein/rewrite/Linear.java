package dev.skein.rewrite;

import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A Conv, ConvTranspose, Gemm or MatMul with constant weights, which is linear in its first input
 * and has the channels of both sides on axis 1.
 */
sealed interface Linear permits Convolution, Dense {
  /** About a second of multiplications. */
  long MOST_PRODUCT = 1L << 30;

  /** The node as it stands in the graph. */
  Node node();

  /** Rank of what it reads and makes. */
  int rank();

  int inputChannels();

  int outputChannels();

  /** The same followed by {@code next}. */
  Linear after(Affine next);

  /** The same behind {@code first}; null if padding would see what {@code first} does. */
  @Nullable Linear before(Affine first);

  /** Both as one operator; null if there is none, or it computes or stores more. */
  @Nullable Linear then(Linear next);

  /** The node that computes it; changed weights are added under names of their own. */
  Node write(Scope scope, Patch patch, String input, String output);

  /** Null if the node is another operator, or its weights are not constants of single precision. */
  static @Nullable Linear of(Scope scope, @Nullable Node node) {
    if (node == null || node.makes().size() != 1 || node.inputs().size() < 2) {
      return null;
    }
    Linear convolution = Convolution.of(scope, node);
    return convolution != null ? convolution : Dense.of(scope, node);
  }

  /** The linear operator that makes {@code value} for {@code reader} alone; null if none does. */
  static @Nullable Linear inFront(Scope scope, Patch patch, Node reader, String value) {
    Node maker = scope.maker(value);
    return maker == null
            || patch.touches(maker)
            || patch.touches(reader)
            || scope.onlyReader(value) == null
        ? null
        : of(scope, maker);
  }

  /** The linear operator that alone reads {@code value}, as its data; null if there is none. */
  static @Nullable Linear behind(Scope scope, Patch patch, Node maker, String value) {
    Node reader = scope.onlyReader(value);
    if (reader == null || patch.touches(maker) || patch.touches(reader)) {
      return null;
    }
    Linear linear = of(scope, reader);
    return linear != null && reader.inputs().getFirst().equals(value) ? linear : null;
  }

  /**
   * Whether [columns, between] · [between, outputs] takes no more multiplications and no more
   * numbers to store as one matrix, and is not too big to be computed here.
   *
   * @param saved biases that the product does without
   */
  static boolean pays(long columns, long between, long outputs, long saved) {
    long apart = columns * between + between * outputs;
    long joined = columns * outputs;
    return joined <= apart
        && joined <= apart + saved
        && columns <= MOST_PRODUCT / between / outputs;
  }

  /** Puts an operator in the place of its node and of {@code next}, which it has taken up. */
  static void joinAfter(Scope scope, Patch patch, Linear joined, Node next) {
    Node old = joined.node();
    String output = next.outputs().getFirst();
    patch.replace(old, List.of(joined.write(scope, patch, old.inputs().getFirst(), output)));
    patch.remove(next);
  }

  /** Puts an operator in the place of its node and of {@code first}, which it has taken up. */
  static void joinBefore(Scope scope, Patch patch, Linear joined, Node first, String input) {
    Node old = joined.node();
    patch.replace(old, List.of(joined.write(scope, patch, input, old.outputs().getFirst())));
    patch.remove(first);
  }

  /** The name of a weight: the old one, or a fresh one if its values are others. */
  static String store(Scope scope, Patch patch, String old, Tensor values) {
    return values.equals(scope.floats(old)) ? old : Numbers.add(scope, patch, old, values);
  }

  /** Likewise for biases, under a name made of the weight's if there were none. */
  static String store(Scope scope, Patch patch, Node node, double[] bias) {
    String old = node.inputs().size() > 2 ? node.inputs().get(2) : "";
    Tensor values = scope.floats(old);
    if (values != null && values.shape().rank() == 1 && Arrays.equals(Numbers.of(values), bias)) {
      return old;
    }
    String stem = old.isEmpty() ? node.inputs().get(1) + "_bias" : old;
    return Numbers.add(scope, patch, stem, Numbers.tensor(Shape.of(bias.length), bias));
  }
}
