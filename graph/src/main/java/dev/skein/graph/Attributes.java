package dev.skein.graph;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads a node's attributes, defaults included; one of another kind counts as left out. */
public final class Attributes {
  private Attributes() {}

  public static long integer(Node node, String name, long otherwise) {
    return node.attributes().get(name) instanceof Attribute.OfInt(long value) ? value : otherwise;
  }

  public static double number(Node node, String name, double otherwise) {
    return node.attributes().get(name) instanceof Attribute.OfFloat(float value)
        ? value
        : otherwise;
  }

  public static String text(Node node, String name, String otherwise) {
    return node.attributes().get(name) instanceof Attribute.OfString(String value)
        ? value
        : otherwise;
  }

  /** Empty if it is left out. */
  public static List<Long> integers(Node node, String name) {
    return node.attributes().get(name) instanceof Attribute.OfInts(List<Long> values)
        ? values
        : List.of();
  }

  /** As many of one value as asked for, if it is left out. */
  public static List<Long> integers(Node node, String name, int count, long otherwise) {
    List<Long> values = integers(node, name);
    return values.isEmpty() ? Collections.nCopies(count, otherwise) : values;
  }

  public static Node without(Node node, String... names) {
    Map<String, Attribute> left = new LinkedHashMap<>(node.attributes());
    left.keySet().removeAll(Set.of(names));
    return node.withAttributes(left);
  }
}
