package dev.skein.quantize;

import dev.skein.graph.Attribute;
import dev.skein.graph.Node;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A node's attributes, read with the defaults of the ONNX standard. */
final class Attributes {
  private Attributes() {}

  static long integer(Node node, String name, long otherwise) {
    return node.attributes().get(name) instanceof Attribute.OfInt(long value) ? value : otherwise;
  }

  static float number(Node node, String name, float otherwise) {
    return node.attributes().get(name) instanceof Attribute.OfFloat(float value)
        ? value
        : otherwise;
  }

  static String text(Node node, String name, String otherwise) {
    return node.attributes().get(name) instanceof Attribute.OfString(String value)
        ? value
        : otherwise;
  }

  static @Nullable List<Long> integers(Node node, String name) {
    return node.attributes().get(name) instanceof Attribute.OfInts(List<Long> values)
        ? values
        : null;
  }

  /** An input's name; empty if it is left out. */
  static String input(Node node, int index) {
    return index < node.inputs().size() ? node.inputs().get(index) : "";
  }

  /** The same node with other inputs and outputs. */
  static Node rewired(Node node, List<String> inputs, List<String> outputs) {
    return new Node(
        node.name(), node.op(), node.domain(), inputs, outputs, node.attributes(), node.rest());
  }
}
