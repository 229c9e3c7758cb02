package dev.skein.graph;

import org.jspecify.annotations.Nullable;

/**
 * One declared axis: a fixed size, a named unknown ({@code N}), or simply unknown.
 *
 * @param size the size, or -1 if it is known only when the model runs
 * @param symbol the name of an unknown size, if it has one
 */
public record Dim(long size, @Nullable String symbol) {
  public static final Dim UNKNOWN = new Dim(-1, null);

  public static Dim of(long size) {
    return new Dim(size, null);
  }

  public static Dim named(String symbol) {
    return new Dim(-1, symbol);
  }

  public boolean isFixed() {
    return size >= 0;
  }

  @Override
  public String toString() {
    return isFixed() ? Long.toString(size) : symbol == null ? "?" : symbol;
  }
}
