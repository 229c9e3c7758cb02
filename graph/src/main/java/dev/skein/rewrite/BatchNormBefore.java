package dev.skein.rewrite;

import dev.skein.graph.Node;
import dev.skein.graph.Patch;

/**
 * Batch normalisation in front of a linear operator goes into its weights.
 *
 * <pre>
 * Before:     Y = Linear(BatchNormalization(X; γ, β, μ, σ², ε); W, b)
 * After:      Y = Linear(X; W', b')
 * Conditions: Linear is Conv, ConvTranspose, Gemm or MatMul of a matrix; all but X are constants of
 *             single precision; nothing else reads the normalised value; the normalisation does not
 *             learn. With padding, or ConvTranspose, whose borders see fewer weights: s = 0.
 * Formula:    a = γ / √(σ² + ε), s = β − a · μ by input channel;
 *             W' = W · a;  b' = b + Σ W · s over input channels (of the group) and kernel
 * </pre>
 */
public final class BatchNormBefore implements Rewrite {
  @Override
  public String name() {
    return "batch-norm-before";
  }

  @Override
  public Patch find(Scope scope) {
    Patch patch = new Patch();
    for (Node node : scope.nodes()) {
      Affine norm = Affine.ofBatchNorm(scope, node);
      if (norm == null) {
        continue;
      }
      String value = node.outputs().getFirst();
      Linear linear = Linear.behind(scope, patch, node, value);
      Linear folded =
          linear == null || linear.inputChannels() != norm.channels() ? null : linear.before(norm);
      if (folded != null) {
        Linear.joinBefore(scope, patch, folded, node, node.inputs().getFirst());
      }
    }
    return patch;
  }
}
