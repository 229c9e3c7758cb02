package dev.skein.graph;

import java.util.Arrays;

/**
 * What a file says and Skein does not model (documentation, newer fields), kept as it came so that
 * a round trip loses nothing. Only {@code onnx} looks inside.
 */
public final class Opaque {
  public static final Opaque NONE = new Opaque(new byte[0]);

  private final byte[] bytes;

  private Opaque(byte[] bytes) {
    this.bytes = bytes;
  }

  public static Opaque of(byte[] bytes) {
    return bytes.length == 0 ? NONE : new Opaque(bytes.clone());
  }

  public byte[] toBytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Opaque opaque && Arrays.equals(bytes, opaque.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return bytes.length + " opaque bytes";
  }
}
