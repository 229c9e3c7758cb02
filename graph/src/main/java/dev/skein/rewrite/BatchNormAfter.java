package dev.skein.rewrite;

import dev.skein.graph.Node;
import dev.skein.graph.Patch;

/**
 * Batch normalisation behind a linear operator goes into its weights.
 *
 * <pre>
 * Before:     Y = BatchNormalization(Linear(X; W, b); γ, β, μ, σ², ε)
 * After:      Y = Linear(X; W', b')
 * Conditions: Linear is Conv, ConvTranspose, Gemm or MatMul of a matrix; W, b, γ, β, μ, σ² are
 *             constants of single precision; nothing else reads what Linear makes; the
 *             normalisation does not learn.
 * Formula:    a = γ / √(σ² + ε) by output channel;  W' = a · W;  b' = a · (b − μ) + β
 * </pre>
 */
public final class BatchNormAfter implements Rewrite {
  @Override
  public String name() {
    return "batch-norm-after";
  }

  @Override
  public Patch find(Scope scope) {
    Patch patch = new Patch();
    for (Node node : scope.nodes()) {
      Affine norm = Affine.ofBatchNorm(scope, node);
      if (norm == null) {
        continue;
      }
      Linear linear = Linear.inFront(scope, patch, node, node.inputs().getFirst());
      if (linear != null && linear.outputChannels() == norm.channels()) {
        Linear.joinAfter(scope, patch, linear.after(norm), node);
      }
    }
    return patch;
  }
}
