package dev.skein.rewrite;

import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import java.util.List;

/**
 * Element-wise operators in a row become one, and bounds become what runtimes fuse.
 *
 * <pre>
 * Before:     Clamp₂(Clamp₁(X)), where Clamp is Relu, Clip, Max(·, c) or Min(·, c)
 *             Max(X, 0), Clip(X, 0, ∞)
 *             (X + a) + b, (X - a) + b, a - (X + b), …
 *             (X · a) · b, (X / a) · b, …
 *             Neg(Neg(X))
 * After:      Clip(X, low, high), or Relu(X);  Relu(X);  X + c or c - X;  X · c;  X
 * Conditions: a, b, c are constants of single precision, bounds single numbers; nothing else reads
 *             the value between, unless the second clamp does nothing at all. A joined constant is no
 *             bigger than the two it is made of, stays finite, and does not come from terms that
 *             cancel each other. X is no product or quotient of
 *             variables: the constants may be the end of a GELU or a layer normalisation.
 * Formula:    low = clamp₂(low₁), high = clamp₂(high₁);  c = a + b;  c = a · b
 * </pre>
 */
public final class ElementwiseChain implements Rewrite {
  @Override
  public String name() {
    return "elementwise-chain";
  }

  @Override
  public Patch find(Scope scope) {
    Patch patch = new Patch();
    for (Node node : scope.nodes()) {
      if (patch.touches(node) || node.makes().size() != 1) {
        continue;
      }
      Clamp clamp = Clamp.of(scope, node);
      Operand operand = Operand.of(scope, node);
      if (clamp != null) {
        clamp(scope, patch, node, clamp);
      } else if (operand != null) {
        constants(scope, patch, node, operand);
      } else if (Scope.is(node, "Neg")) {
        negations(scope, patch, node);
      }
    }
    return patch;
  }

  private static void clamp(Scope scope, Patch patch, Node node, Clamp clamp) {
    Node maker = scope.maker(clamp.input());
    Clamp first = maker == null || patch.touches(maker) ? null : Clamp.of(scope, maker);
    Clamp joined = first == null ? clamp : first.then(clamp);
    String output = node.outputs().getFirst();
    if (first != null && joined.bounds(first) && scope.mayRedirect(output, clamp.input())) {
      patch.remove(node).redirect(output, clamp.input());
    } else if (first != null && maker != null && scope.onlyReader(clamp.input()) != null) {
      patch.replace(node, List.of(joined.write(scope, patch, node))).remove(maker);
    } else if (clamp.isRelu() && !Scope.is(node, "Relu")) {
      patch.replace(node, List.of(clamp.write(scope, patch, node)));
    }
  }

  private static void constants(Scope scope, Patch patch, Node node, Operand operand) {
    Node maker = scope.maker(operand.input());
    if (maker == null || patch.touches(maker) || scope.onlyReader(operand.input()) == null) {
      return;
    }
    Operand first = Operand.of(scope, maker);
    Operand joined =
        first == null || Operand.endsPattern(scope, first.input()) ? null : first.then(operand);
    if (joined != null) {
      patch.replace(node, List.of(joined.write(scope, patch, node))).remove(maker);
    }
  }

  private static void negations(Scope scope, Patch patch, Node node) {
    Node maker = scope.maker(node.inputs().getFirst());
    if (maker == null || patch.touches(maker) || !Scope.is(maker, "Neg")) {
      return;
    }
    String output = node.outputs().getFirst();
    String source = maker.inputs().getFirst();
    if (scope.mayRedirect(output, source)) {
      patch.remove(node).redirect(output, source);
    }
  }
}
