package dev.skein.slice;

import dev.skein.graph.Attribute;
import dev.skein.graph.Dim;
import dev.skein.graph.Node;
import dev.skein.graph.TensorType;
import dev.skein.graph.Weight;
import dev.skein.rewrite.Scope;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Writes Slice and Split nodes in the form of the model's operator set. */
final class Cutting {
  /** Since then Slice takes its numbers as inputs. */
  private static final long SLICE_INPUTS = 10;

  /** Since then Split takes its sizes as an input. */
  private static final long SPLIT_INPUT = 13;

  private final Scope scope;
  private final UnaryOperator<String> fresh;
  private final Map<String, Weight> weights = new LinkedHashMap<>();

  /**
   * @param fresh makes a new name like the given one
   */
  Cutting(Scope scope, UnaryOperator<String> fresh) {
    this.scope = scope;
    this.fresh = fresh;
  }

  /** What the nodes read that the graph does not have. */
  Map<String, Weight> weights() {
    return weights;
  }

  /** A node that makes {@code output} of a region of {@code value}. */
  Node slice(String value, Region region, String output) {
    List<Long> from = List.of(region.from());
    List<Long> to = List.of(region.to());
    List<Long> axis = List.of((long) region.axis());
    if (scope.opset() >= SLICE_INPUTS) {
      List<String> inputs =
          List.of(value, constant(output, from), constant(output, to), constant(output, axis));
      return Node.of("Slice", inputs, List.of(output));
    }
    return Node.of("Slice", List.of(value), List.of(output))
        .with("starts", new Attribute.OfInts(from))
        .with("ends", new Attribute.OfInts(to))
        .with("axes", new Attribute.OfInts(axis));
  }

  /**
   * Cuts a value into regions.
   *
   * @param regions null for the whole value
   * @param nodes where the nodes that do it are added
   * @return the regions' names
   */
  List<String> cut(String value, List<@Nullable Region> regions, List<Node> nodes) {
    if (tile(value, regions)) {
      List<Region> all = regions.stream().map(Objects::requireNonNull).toList();
      List<String> names = all.stream().map(region -> fresh.apply(value)).toList();
      nodes.add(split(value, all, names));
      return names;
    }
    List<String> names = new ArrayList<>();
    for (Region region : regions) {
      String name = region == null ? value : fresh.apply(value);
      if (region != null) {
        nodes.add(slice(value, region, name));
      }
      names.add(name);
    }
    return names;
  }

  /**
   * Whether the regions lie side by side from the value's beginning to its end, as a Split's do.
   */
  private boolean tile(String value, List<@Nullable Region> regions) {
    long end = 0;
    Region first = regions.getFirst();
    for (Region region : regions) {
      if (first == null
          || region == null
          || region.axis() != first.axis()
          || region.from() != end) {
        return false;
      }
      end = region.to();
    }
    TensorType type = scope.type(value);
    List<Dim> dims = type == null ? null : type.dims();
    return first != null && dims != null && dims.get(first.axis()).size() == end;
  }

  private Node split(String value, List<Region> regions, List<String> names) {
    List<Long> sizes = regions.stream().map(Region::size).toList();
    Attribute axis = new Attribute.OfInt(regions.getFirst().axis());
    if (scope.opset() >= SPLIT_INPUT) {
      return Node.of("Split", List.of(value, constant(value, sizes)), names).with("axis", axis);
    }
    return Node.of("Split", List.of(value), names)
        .with("axis", axis)
        .with("split", new Attribute.OfInts(sizes));
  }

  private String constant(String stem, List<Long> numbers) {
    String name = fresh.apply(stem + "_numbers");
    long[] values = numbers.stream().mapToLong(Long::longValue).toArray();
    weights.put(name, new Weight.Held(Tensor.ofLongs(Shape.of(values.length), values)));
    return name;
  }
}
