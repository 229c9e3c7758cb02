package dev.skein.rewrite;

import dev.skein.graph.Attribute;
import dev.skein.graph.Attributes;
import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Transposes that cancel, also across operators that treat every element alike.
 *
 * <pre>
 * Before: a = Transpose(x) perm=p; y = Transpose(a) perm=q
 * After: y = x if p after q is in order; else y = Transpose(x) perm=p∘q
 *
 * Before: a = Transpose(x) perm=p; b = Relu(a); c = Mul(b, 2); y = Transpose(c) perm=q
 * After: b' = Relu(x); y = Mul(b', 2)
 *
 * Conditions: values between the two are used by nothing else (a may be, if the two cancel); what is
 *   between maps every element alone, with constants of one element; there, the two must cancel.
 * Formula: axis i of y is axis p[q[i]] of x.
 * </pre>
 */
public final class Transposes implements Rewrite {
  private static final Set<String> UNARY =
      Set.of(
          "Abs",
          "Acos",
          "Acosh",
          "Asin",
          "Asinh",
          "Atan",
          "Atanh",
          "Cast",
          "Ceil",
          "Celu",
          "Clip",
          "Cos",
          "Cosh",
          "Elu",
          "Erf",
          "Exp",
          "Floor",
          "Gelu",
          "HardSigmoid",
          "HardSwish",
          "Identity",
          "IsInf",
          "IsNaN",
          "LeakyRelu",
          "Log",
          "Mish",
          "Neg",
          "Not",
          "Reciprocal",
          "Relu",
          "Round",
          "Selu",
          "Sigmoid",
          "Sign",
          "Sin",
          "Sinh",
          "Softplus",
          "Softsign",
          "Sqrt",
          "Tan",
          "Tanh",
          "ThresholdedRelu");
  private static final Set<String> WITH_NUMBERS =
      Set.of(
          "Add",
          "Sub",
          "Mul",
          "Div",
          "Pow",
          "Max",
          "Min",
          "PRelu",
          "QuantizeLinear",
          "DequantizeLinear");

  @Override
  public String name() {
    return "transposes";
  }

  @Override
  public Patch find(Scope scope) {
    return new Search(scope).find();
  }

  private static final class Search {
    private final Scope scope;
    private final Patch patch = new Patch();

    Search(Scope scope) {
      this.scope = scope;
    }

    Patch find() {
      for (Node node : scope.nodes()) {
        if (Scope.is(node, "Transpose") && !patch.touches(node)) {
          shorten(node);
        }
      }
      return patch;
    }

    /** Looks upwards from a Transpose for another one. */
    private void shorten(Node last) {
      List<Node> between = new ArrayList<>();
      String value = last.inputs().getFirst();
      Node at = scope.maker(value);
      while (at != null && !patch.touches(at)) {
        if (Scope.is(at, "Transpose")) {
          join(at, between, last);
          return;
        }
        String next = followed(at);
        if (next == null || scope.onlyReader(value) == null) {
          return;
        }
        between.addFirst(at);
        value = next;
        at = scope.maker(value);
      }
    }

    /** The value of which the node maps every element alone; null if it does something else. */
    private @Nullable String followed(Node node) {
      if (!Scope.is(node, node.op()) || node.makes().size() != 1) {
        return null;
      }
      int numbers = 0;
      String followed = null;
      for (String value : node.inputs()) {
        if (value.isEmpty() || isNumber(value)) {
          numbers++;
        } else if (followed == null) {
          followed = value;
        } else {
          return null;
        }
      }
      boolean plain = UNARY.contains(node.op());
      // The first input alone decides the axes of these.
      boolean first = plain || node.op().endsWith("Linear") || node.op().equals("PRelu");
      boolean moves = plain || (WITH_NUMBERS.contains(node.op()) && numbers > 0);
      return moves && (!first || node.inputs().getFirst().equals(followed)) ? followed : null;
    }

    private boolean isNumber(String value) {
      Tensor tensor = scope.constant(value);
      // With more axes than the other operand, it would give it more.
      return tensor != null && tensor.shape().elements() == 1 && tensor.shape().rank() <= 1;
    }

    private void join(Node first, List<Node> between, Node last) {
      List<Long> axes = joined(first, last);
      String x = first.inputs().getFirst();
      String y = last.outputs().getFirst();
      boolean alone = scope.onlyReader(first.outputs().getFirst()) != null;
      if (axes == null) {
        return;
      }
      if (!isInOrder(axes)) {
        if (between.isEmpty() && alone) {
          Node one =
              Node.of("Transpose", List.of(x), List.of(y)).with("perm", new Attribute.OfInts(axes));
          patch.remove(first).replace(last, List.of(one));
        }
        return;
      }
      if (!between.isEmpty()) {
        patch.replace(last, moved(between, first.outputs().getFirst(), x, y));
        between.forEach(patch::remove);
      } else if (scope.mayRedirect(y, x)) {
        patch.remove(last).redirect(y, x);
      } else {
        return;
      }
      if (alone) {
        patch.remove(first);
      }
    }

    // Under new names: they have other shapes than what they replace.
    private List<Node> moved(List<Node> nodes, String from, String to, String result) {
      List<Node> moved = new ArrayList<>();
      String old = from;
      String at = to;
      for (Node node : nodes) {
        boolean isLast = moved.size() == nodes.size() - 1;
        String made = node.makes().getFirst();
        String next = isLast ? result : scope.fresh(made);
        moved.add(moved(node, old, at, next));
        old = made;
        at = next;
      }
      return moved;
    }

    private static Node moved(Node node, String from, String to, String result) {
      return new Node(
          node.name(),
          node.op(),
          node.domain(),
          node.inputs().stream().map(value -> value.equals(from) ? to : value).toList(),
          List.of(result),
          node.attributes(),
          node.rest());
    }

    /** What one Transpose in place of both would do; null if that is not known. */
    private @Nullable List<Long> joined(Node first, Node last) {
      List<Long> p = Attributes.integers(first, "perm");
      List<Long> q = Attributes.integers(last, "perm");
      int rank = Math.max(p.size(), q.size());
      if (rank == 0) {
        return List.of();
      }
      List<Long> one = p.isEmpty() ? reversed(rank) : p;
      List<Long> other = q.isEmpty() ? reversed(rank) : q;
      if (one.size() != other.size() || !isPermutation(one) || !isPermutation(other)) {
        return null;
      }
      return other.stream().map(axis -> one.get(axis.intValue())).toList();
    }
  }

  private static boolean isPermutation(List<Long> axes) {
    return axes.stream().sorted().toList().equals(inOrder(axes.size()));
  }

  private static boolean isInOrder(List<Long> axes) {
    return axes.equals(inOrder(axes.size()));
  }

  private static List<Long> inOrder(int rank) {
    return LongStream.range(0, rank).boxed().toList();
  }

  private static List<Long> reversed(int rank) {
    List<Long> axes = new ArrayList<>(inOrder(rank));
    Collections.reverse(axes);
    return axes;
  }
}
