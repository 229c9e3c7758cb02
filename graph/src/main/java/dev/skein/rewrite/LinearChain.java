package dev.skein.rewrite;

import dev.skein.graph.Dim;
import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import dev.skein.graph.TensorType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Linear operators in a row become one.
 *
 * <pre>
 * Before:     Y = Linear(X; W, b) + s,  Linear(X; W, b) · a,  likewise - and /
 *             Y = Linear(X + s; W, b),  Linear(X · a; W, b),  likewise - and /
 *             Y = Linear₂(Linear₁(X; W₁, b₁); W₂, b₂)
 * After:      Y = Linear(X; W', b')
 * Conditions: Linear is Conv, ConvTranspose, Gemm or MatMul of a matrix; a, s, W, b are constants of
 *             single precision; a and s are the same everywhere in a channel; nothing else reads the
 *             value between. In front: s not where there is padding, nor for ConvTranspose; and X is
 *             no product or quotient of variables, as the constants may be the end of a GELU or a
 *             layer normalisation. Products: they take no more multiplications and no more numbers
 *             to store as one; W₁ and W₂ have no other readers; of convolutions, both have one group
 *             and the second is 1×1 without padding.
 * Formula:    behind: W' = a · W, b' = a · b + s by output channel
 *             in front: W' = W · a, b' = b + Σ W · s by input channel
 *             products: W' = W₂ · W₁, b' = W₂ · b₁ + b₂
 * </pre>
 */
public final class LinearChain implements Rewrite {
  @Override
  public String name() {
    return "linear-chain";
  }

  @Override
  public Patch find(Scope scope) {
    Patch patch = new Patch();
    for (Node node : scope.nodes()) {
      String variable = Affine.variable(scope, node);
      if (variable == null) {
        product(scope, patch, node);
      } else if (!behind(scope, patch, node, variable)) {
        inFront(scope, patch, node, variable);
      }
    }
    return patch;
  }

  private static boolean behind(Scope scope, Patch patch, Node node, String variable) {
    Linear linear = Linear.inFront(scope, patch, node, variable);
    Affine affine =
        linear == null
            ? null
            : Affine.ofArithmetic(scope, node, linear.rank(), linear.outputChannels());
    if (linear == null || affine == null) {
      return false;
    }
    Linear.joinAfter(scope, patch, linear.after(affine), node);
    return true;
  }

  private static void inFront(Scope scope, Patch patch, Node node, String variable) {
    Linear linear = Linear.behind(scope, patch, node, node.outputs().getFirst());
    if (linear == null
        || Operand.endsPattern(scope, variable)
        || channels(scope, variable, linear.rank()) != linear.inputChannels()) {
      return;
    }
    Affine affine = Affine.ofArithmetic(scope, node, linear.rank(), linear.inputChannels());
    Linear joined = affine == null ? null : linear.before(affine);
    if (joined != null) {
      Linear.joinBefore(scope, patch, joined, node, variable);
    }
  }

  /** A value's size on axis 1, without which it might be widened by what is added to it. */
  private static long channels(Scope scope, String value, int rank) {
    TensorType type = scope.type(value);
    List<Dim> dims = type == null ? null : type.dims();
    return dims == null || dims.size() != rank ? -1 : dims.get(1).size();
  }

  private static void product(Scope scope, Patch patch, Node node) {
    Linear first = ownWeights(scope, Linear.of(scope, node));
    if (first == null) {
      return;
    }
    Linear second = ownWeights(scope, Linear.behind(scope, patch, node, node.outputs().getFirst()));
    Linear joined = second == null ? null : first.then(second);
    if (second != null && joined != null) {
      patch.replace(
          node,
          List.of(
              joined.write(
                  scope, patch, node.inputs().getFirst(), second.node().outputs().getFirst())));
      patch.remove(second.node());
    }
  }

  private static @Nullable Linear ownWeights(Scope scope, @Nullable Linear linear) {
    return linear == null
            || linear.node().inputs().stream()
                .skip(1)
                .anyMatch(name -> !name.isEmpty() && scope.onlyReader(name) == null)
        ? null
        : linear;
  }
}
