package dev.skein.cost;

import dev.skein.graph.Attribute;
import dev.skein.graph.Node;
import dev.skein.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sums of products over named axes.
 *
 * @param operands one for each input: a letter for each axis, dots for unnamed ones
 */
record Einsum(List<String> operands, List<Shape> shapes) {
  static Einsum of(Node node, Shapes shapes) {
    List<String> operands = new ArrayList<>();
    if (node.attributes().get("equation") instanceof Attribute.OfString(String equation)) {
      String left = equation.replace(" ", "").split("->", -1)[0];
      operands.addAll(List.of(left.split(",", -1)));
    }
    List<Shape> sizes = new ArrayList<>();
    for (int i = 0; i < operands.size(); i++) {
      sizes.add(shapes.input(node, i));
    }
    return new Einsum(operands, sizes);
  }

  /** One for each combination of all axes, where at least two tensors meet. */
  long macs() {
    if (operands.size() < 2) {
      return 0;
    }
    Map<String, Long> axes = new HashMap<>();
    for (int i = 0; i < operands.size(); i++) {
      String letters = operands.get(i);
      Shape shape = shapes.get(i);
      int dots = letters.indexOf("...");
      int unnamed = dots < 0 ? 0 : shape.rank() - (letters.length() - 3);
      for (int axis = 0; axis < shape.rank(); axis++) {
        String name;
        if (dots >= 0 && axis >= dots && axis < dots + unnamed) {
          name = "." + (dots + unnamed - axis);
        } else {
          int letter = dots >= 0 && axis >= dots ? axis - unnamed + 3 : axis;
          name = letter < letters.length() ? letters.substring(letter, letter + 1) : "?" + axis;
        }
        axes.merge(name, shape.dim(axis), Math::max);
      }
    }
    return axes.values().stream().reduce(1L, (a, b) -> a * b);
  }
}
