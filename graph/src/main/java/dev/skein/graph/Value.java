package dev.skein.graph;

import org.jspecify.annotations.Nullable;

/**
 * A declared value: a graph's input, output, or an annotated intermediate.
 *
 * @param type null if undeclared, or not a tensor (sequences and optionals stay in {@code rest})
 */
public record Value(String name, @Nullable TensorType type, Opaque rest) {
  public static Value of(String name, @Nullable TensorType type) {
    return new Value(name, type, Opaque.NONE);
  }
}
