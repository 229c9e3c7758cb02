package dev.skein.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A dense row-major tensor over off-heap, little-endian memory. The memory lives as long as the
 * tensor is reachable; who made it may write it until it is handed on, nobody after that.
 *
 * @param data exactly {@code type.bytes(shape.elements())} bytes
 */
public record Tensor(ElementType type, Shape shape, MemorySegment data) {
  public static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  public static final ValueLayout.OfLong INT64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final long ALIGNMENT = 64;

  public Tensor {
    long needed = type.bytes(shape.elements());
    if (data.byteSize() != needed) {
      throw new IllegalArgumentException(
          "a %s tensor of shape %s takes %d bytes, not %d"
              .formatted(type, shape, needed, data.byteSize()));
    }
  }

  /**
   * A tensor of zeros in fresh off-heap memory.
   *
   * @throws IllegalArgumentException if there is not enough of it
   */
  public static Tensor allocate(ElementType type, Shape shape) {
    long bytes = type.bytes(shape.elements());
    try {
      return new Tensor(type, shape, Arena.ofAuto().allocate(bytes, ALIGNMENT));
    } catch (OutOfMemoryError e) {
      throw new IllegalArgumentException(
          "no memory for a %s tensor of shape %s: it takes %d bytes".formatted(type, shape, bytes),
          e);
    }
  }

  public static Tensor ofFloats(Shape shape, float... values) {
    Tensor tensor = allocate(ElementType.FLOAT, shape);
    requireCount(shape, values.length);
    MemorySegment.copy(values, 0, tensor.data, FLOAT, 0, values.length);
    return tensor;
  }

  public static Tensor ofLongs(Shape shape, long... values) {
    Tensor tensor = allocate(ElementType.INT64, shape);
    requireCount(shape, values.length);
    MemorySegment.copy(values, 0, tensor.data, INT64, 0, values.length);
    return tensor;
  }

  public long bytes() {
    return data.byteSize();
  }

  /**
   * A read-write view for native libraries, direct and in native order.
   *
   * @throws IllegalArgumentException if the tensor is larger than 2 GiB
   */
  public ByteBuffer buffer() {
    if (data.byteSize() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("tensor of " + data.byteSize() + " bytes is above 2 GiB");
    }
    return data.asByteBuffer().order(ByteOrder.nativeOrder());
  }

  /** A heap copy of a {@link ElementType#FLOAT} tensor's values. */
  public float[] toFloats() {
    if (type != ElementType.FLOAT) {
      throw new IllegalStateException("tensor holds " + type + ", not float");
    }
    return data.toArray(FLOAT);
  }

  private static void requireCount(Shape shape, int values) {
    if (shape.elements() != values) {
      throw new IllegalArgumentException(
          "shape " + shape + " holds " + shape.elements() + " values, not " + values);
    }
  }

  @Override
  public String toString() {
    return type + "[" + shape + "]";
  }
}
