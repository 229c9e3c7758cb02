package dev.skein.input;

import dev.skein.tensor.ElementType;
import dev.skein.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Numbers in and out of tensors of several element types. */
final class Elements {
  private static final ValueLayout.OfShort INT16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Elements() {}

  static boolean writes(ElementType type) {
    return switch (type) {
      case FLOAT, FLOAT16, UINT8 -> true;
      default -> false;
    };
  }

  /** Rounds and clamps where the type is coarser than the value. */
  static void set(Tensor tensor, long index, float value) {
    switch (tensor.type()) {
      case FLOAT -> tensor.data().setAtIndex(Tensor.FLOAT, index, value);
      case FLOAT16 -> tensor.data().setAtIndex(INT16, index, Float.floatToFloat16(value));
      case UINT8 ->
          tensor
              .data()
              .set(ValueLayout.JAVA_BYTE, index, (byte) Math.clamp(Math.round(value), 0, 255));
      case DOUBLE -> tensor.data().setAtIndex(DOUBLE, index, value);
      default -> throw new IllegalArgumentException("cannot write " + tensor.type());
    }
  }

  static boolean reads(ElementType type) {
    return switch (type) {
      case FLOAT, FLOAT16, DOUBLE, UINT8, INT8, INT32, INT64 -> true;
      default -> false;
    };
  }

  static double get(Tensor tensor, long index) {
    return switch (tensor.type()) {
      case FLOAT -> tensor.data().getAtIndex(Tensor.FLOAT, index);
      case FLOAT16 -> Float.float16ToFloat(tensor.data().getAtIndex(INT16, index));
      case DOUBLE -> tensor.data().getAtIndex(DOUBLE, index);
      case UINT8 -> tensor.data().get(ValueLayout.JAVA_BYTE, index) & 255;
      case INT8 -> tensor.data().get(ValueLayout.JAVA_BYTE, index);
      case INT32 -> tensor.data().getAtIndex(INT32, index);
      case INT64 -> tensor.data().getAtIndex(Tensor.INT64, index);
      default -> throw new IllegalArgumentException("cannot read " + tensor.type());
    };
  }
}
