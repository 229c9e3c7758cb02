package dev.skein.graph;

import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The declared type of a value.
 *
 * @param dims the axes, or null if not even the rank is known
 */
public record TensorType(ElementType element, @Nullable List<Dim> dims) {
  public TensorType {
    dims = dims == null ? null : List.copyOf(dims);
  }

  public static TensorType of(ElementType element, Shape shape) {
    return new TensorType(element, Arrays.stream(shape.toArray()).mapToObj(Dim::of).toList());
  }

  /** A type whose sizes are known only when the model runs. */
  public static TensorType ofRank(ElementType element, int rank) {
    return new TensorType(element, Collections.nCopies(rank, Dim.UNKNOWN));
  }

  /** Whether a tensor of this element type and shape may stand where this type is declared. */
  public boolean accepts(ElementType type, Shape shape) {
    if (type != element) {
      return false;
    }
    if (dims == null) {
      return true;
    }
    if (dims.size() != shape.rank()) {
      return false;
    }
    for (int axis = 0; axis < dims.size(); axis++) {
      Dim dim = dims.get(axis);
      if (dim.isFixed() && dim.size() != shape.dim(axis)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    String shape =
        dims == null ? "?" : dims.stream().map(Dim::toString).collect(Collectors.joining("x"));
    return element + "[" + shape + "]";
  }
}
