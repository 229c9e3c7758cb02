package dev.skein.rewrite;

import dev.skein.graph.Attribute;
import dev.skein.graph.Attributes;
import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a hard sigmoid or a hard swish become that operator. To be applied before {@link
 * LinearChain}, which would take up the first step.
 *
 * <pre>
 * Before:     Clip(X + 3, 0, 6) / 6
 *             X · Clip(X + 3, 0, 6) / 6
 *             X · HardSigmoid(X; 1/6, 1/2)
 * After:      HardSigmoid(X; 1/6, 1/2)
 *             HardSwish(X), or before opset 14 X · HardSigmoid(X; 1/6, 1/2)
 *             HardSwish(X), from opset 14 on
 * Conditions: the numbers are constants of single precision (· 1/6 will do); nothing else reads the
 *             values between.
 * Formula:    hardsigmoid(x) = max(0, min(1, x / 6 + 1/2));  hardswish(x) = x · hardsigmoid(x)
 * </pre>
 */
public final class HardSwish implements Rewrite {
  private static final long HARD_SWISH_OPSET = 14;
  private static final double SIXTH = 1.0 / 6;
  private static final double CLOSE = 1e-6;

  @Override
  public String name() {
    return "hard-swish";
  }

  @Override
  public Patch find(Scope scope) {
    Patch patch = new Patch();
    for (Node node : scope.nodes()) {
      if (Scope.is(node, "Clip")) {
        steps(scope, patch, node);
      } else if (Scope.is(node, "Mul") && scope.opset() >= HARD_SWISH_OPSET) {
        product(scope, patch, node);
      }
    }
    return patch;
  }

  private static void steps(Scope scope, Patch patch, Node clip) {
    Clamp clamp = Clamp.of(scope, clip);
    Node add = clamp == null ? null : own(scope, scope.maker(clamp.input()));
    Operand shift = add == null ? null : Operand.of(scope, add);
    if (clamp == null
        || add == null
        || shift == null
        || shift.product()
        || shift.sign() < 0
        || !isNumber(scope, shift, 3)
        || !new Clamp("", 0, 6).bounds(clamp)) {
      return;
    }
    String source = shift.input();
    Node reader = scope.onlyReader(clip.outputs().getFirst());
    boolean swish = isProduct(reader, source, clip.outputs().getFirst());
    Node last = swish && reader != null ? scope.onlyReader(reader.outputs().getFirst()) : reader;
    Operand scale = last == null ? null : Operand.of(scope, last);
    if (last == null
        || reader == null
        || scale == null
        || !scale.product()
        || !isNumber(scope, scale, SIXTH)
        || List.of(add, clip, reader, last).stream().anyMatch(patch::touches)) {
      return;
    }
    String output = last.outputs().getFirst();
    if (swish) {
      String gate = scope.fresh(output + "_gate");
      Node product = Nodes.like(last, "Mul", List.of(source, gate), List.of(output));
      Node swishing = Nodes.like(last, "HardSwish", List.of(source), List.of(output));
      boolean known = scope.opset() >= HARD_SWISH_OPSET;
      patch.remove(reader);
      patch.replace(
          last, known ? List.of(swishing) : List.of(hardSigmoid(clip, source, gate), product));
    } else {
      patch.replace(last, List.of(hardSigmoid(last, source, output)));
    }
    patch.remove(add).remove(clip);
  }

  private static void product(Scope scope, Patch patch, Node node) {
    for (String value : node.inputs()) {
      Node gate = scope.maker(value);
      if (gate != null
          && Scope.is(gate, "HardSigmoid")
          && isProduct(node, gate.inputs().getFirst(), value)
          && scope.onlyReader(value) != null
          && isClose(Attributes.number(gate, "alpha", 0.2), SIXTH)
          && isClose(Attributes.number(gate, "beta", 0.5), 0.5)
          && !patch.touches(gate)
          && !patch.touches(node)) {
        Node swish = Nodes.like(node, "HardSwish", gate.inputs(), node.outputs());
        patch.replace(node, List.of(swish)).remove(gate);
      }
    }
  }

  private static Node hardSigmoid(Node old, String input, String output) {
    return Nodes.like(old, "HardSigmoid", List.of(input), List.of(output))
        .with("alpha", new Attribute.OfFloat((float) SIXTH))
        .with("beta", new Attribute.OfFloat(0.5f));
  }

  private static @Nullable Node own(Scope scope, @Nullable Node node) {
    return node != null
            && node.makes().size() == 1
            && scope.onlyReader(node.outputs().getFirst()) != null
        ? node
        : null;
  }

  private static boolean isProduct(@Nullable Node node, String one, String other) {
    return Scope.is(node, "Mul")
        && node != null
        && (node.inputs().equals(List.of(one, other)) || node.inputs().equals(List.of(other, one)));
  }

  private static boolean isNumber(Scope scope, Operand operand, double number) {
    return operand.constant().shape().elements() == 1
        && operand.constant().shape().rank() <= Math.max(0, scope.rank(operand.input()))
        && isClose(Numbers.at(operand.constant(), 0), number);
  }

  private static boolean isClose(double value, double number) {
    return Math.abs(value - number) < CLOSE;
  }
}
