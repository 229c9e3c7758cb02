package dev.skein.quantize;

import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Small tensors, and big ones piece by piece: models may be larger than the heap. */
final class Tensors {
  /** Elements of a piece. */
  static final int PIECE = 1 << 16;

  private static final ValueLayout.OfInt INT32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort INT16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Tensors() {}

  /** Some floats in order. */
  interface FloatReader {
    /**
     * @param start index of the first in the tensor
     */
    void read(float[] values, int length, long start);
  }

  static void eachPiece(Tensor floats, FloatReader reader) {
    long all = floats.shape().elements();
    float[] piece = new float[(int) Math.min(PIECE, all)];
    for (long at = 0; at < all; at += PIECE) {
      int length = (int) Math.min(PIECE, all - at);
      MemorySegment.copy(floats.data(), Tensor.FLOAT, at * Float.BYTES, piece, 0, length);
      reader.read(piece, length, at);
    }
  }

  static boolean areFinite(Tensor floats) {
    boolean[] finite = {true};
    eachPiece(
        floats,
        (values, length, start) -> {
          for (int i = 0; i < length; i++) {
            finite[0] &= Float.isFinite(values[i]);
          }
        });
    return finite[0];
  }

  static void write(Tensor bytes, long start, byte[] values, int length) {
    MemorySegment.copy(values, 0, bytes.data(), ValueLayout.JAVA_BYTE, start, length);
  }

  static void write(Tensor halves, long start, short[] values, int length) {
    MemorySegment.copy(values, 0, halves.data(), INT16, start * Short.BYTES, length);
  }

  static Tensor scalar(float value) {
    return Tensor.ofFloats(Shape.of(), value);
  }

  static Tensor ofInts(int... values) {
    Tensor tensor = Tensor.allocate(ElementType.INT32, Shape.of(values.length));
    MemorySegment.copy(values, 0, tensor.data(), INT32, 0, values.length);
    return tensor;
  }

  /** One byte, signed or not. */
  static Tensor scalar(ElementType type, int value) {
    Tensor tensor = Tensor.allocate(type, Shape.of());
    tensor.data().set(ValueLayout.JAVA_BYTE, 0, (byte) value);
    return tensor;
  }
}
