package dev.skein.rewrite;

import dev.skein.graph.Attribute;
import dev.skein.graph.Attributes;
import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** y = min(max(input, low), high); a side without a bound is infinite. */
record Clamp(String input, double low, double high) {
  private static final long RELU_OPSET = 6;
  private static final long BROADCAST_OPSET = 8;
  private static final long INPUTS_OPSET = 11;

  /** A Relu, Clip, or Max or Min with one number, of constants of single precision; else null. */
  static @Nullable Clamp of(Scope scope, @Nullable Node node) {
    if (node == null || node.makes().size() != 1 || scope.opset() < RELU_OPSET) {
      return null;
    }
    String data = node.inputs().isEmpty() ? "" : node.inputs().getFirst();
    Clamp found = null;
    if (Scope.is(node, "Relu")) {
      found = new Clamp(data, 0, Double.POSITIVE_INFINITY);
    } else if (Scope.is(node, "Clip")) {
      found = new Clamp(data, bound(scope, node, 1), bound(scope, node, 2));
    } else if (Scope.is(node, "Max", "Min")) {
      found = ofExtreme(scope, node);
    }
    boolean known = found != null && !Double.isNaN(found.low) && !Double.isNaN(found.high);
    return known ? found : null;
  }

  /** NaN if it is not known. */
  private static double bound(Scope scope, Node node, int place) {
    double open = place == 1 ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    Double given = open;
    if (scope.opset() < INPUTS_OPSET) {
      given = Attributes.number(node, place == 1 ? "min" : "max", open);
    } else if (node.inputs().size() > place && !node.inputs().get(place).isEmpty()) {
      given = Numbers.scalar(scope, node.inputs().get(place));
    }
    if (given == null) {
      return Double.NaN;
    }
    // The greatest number is how older opsets say that there is no bound.
    return Math.abs(given) >= Float.MAX_VALUE && Math.signum(given) == Math.signum(open)
        ? open
        : given;
  }

  private static @Nullable Clamp ofExtreme(Scope scope, Node node) {
    if (node.inputs().size() != 2 || scope.opset() < BROADCAST_OPSET) {
      return null;
    }
    int place = scope.floats(node.inputs().get(0)) != null ? 0 : 1;
    Tensor constant = scope.floats(node.inputs().get(place));
    String data = node.inputs().get(1 - place);
    if (constant == null
        || constant.shape().elements() != 1
        || constant.shape().rank() > Math.max(0, scope.rank(data))) {
      return null;
    }
    double bound = Numbers.at(constant, 0);
    return node.op().equals("Max")
        ? new Clamp(data, bound, Double.POSITIVE_INFINITY)
        : new Clamp(data, Double.NEGATIVE_INFINITY, bound);
  }

  Clamp then(Clamp next) {
    return new Clamp(input, next.apply(low), next.apply(high));
  }

  private double apply(double value) {
    return Math.min(Math.max(value, low), high);
  }

  boolean bounds(Clamp other) {
    return low == other.low && high == other.high;
  }

  boolean isRelu() {
    return low == 0 && high == Double.POSITIVE_INFINITY;
  }

  /** A Relu, or else a Clip, in the place of a node. */
  Node write(Scope scope, Patch patch, Node old) {
    List<String> inputs = new ArrayList<>(List.of(input));
    boolean attributes = scope.opset() < INPUTS_OPSET;
    if (!isRelu() && !attributes) {
      inputs.add(Double.isFinite(low) ? add(scope, patch, old, "_min", low) : "");
      if (Double.isFinite(high)) {
        inputs.add(add(scope, patch, old, "_max", high));
      }
    }
    Node node = Nodes.like(old, isRelu() ? "Relu" : "Clip", inputs, old.outputs());
    if (attributes && !isRelu()) {
      node = Double.isFinite(low) ? node.with("min", new Attribute.OfFloat((float) low)) : node;
      node = Double.isFinite(high) ? node.with("max", new Attribute.OfFloat((float) high)) : node;
    }
    return node;
  }

  private static String add(Scope scope, Patch patch, Node old, String stem, double bound) {
    String name = old.outputs().getFirst() + stem;
    return Numbers.add(scope, patch, name, Numbers.tensor(Shape.of(), bound));
  }
}
