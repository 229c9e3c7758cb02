package dev.skein.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.skein.onnx.proto.TensorProto;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Tensor values in the number fields of a TensorProto ({@code float_data} and its kin) rather than
 * in {@code raw_data}. Packed floats and doubles are already what memory wants; integers are
 * varints and have to be decoded.
 */
final class TypedValues {
  static final List<Integer> FIELDS =
      List.of(
          TensorProto.FLOAT_DATA_FIELD_NUMBER,
          TensorProto.INT32_DATA_FIELD_NUMBER,
          TensorProto.INT64_DATA_FIELD_NUMBER,
          TensorProto.DOUBLE_DATA_FIELD_NUMBER,
          TensorProto.UINT64_DATA_FIELD_NUMBER);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final ElementType type;
  private final Shape shape;
  private final List<MemorySegment> packed;
  private final UnknownFieldSet.Field unpacked;

  private TypedValues(
      ElementType type, Shape shape, List<MemorySegment> packed, UnknownFieldSet.Field unpacked) {
    this.type = type;
    this.shape = shape;
    this.packed = packed;
    this.unpacked = unpacked;
  }

  /**
   * @throws OnnxException if the field that belongs to the element type has too few or too many
   *     values
   */
  static Tensor read(TensorProto proto, Views views, ElementType type, Shape shape) {
    int field =
        switch (type) {
          case FLOAT, COMPLEX64 -> TensorProto.FLOAT_DATA_FIELD_NUMBER;
          case DOUBLE, COMPLEX128 -> TensorProto.DOUBLE_DATA_FIELD_NUMBER;
          case INT64 -> TensorProto.INT64_DATA_FIELD_NUMBER;
          case UINT32, UINT64 -> TensorProto.UINT64_DATA_FIELD_NUMBER;
          default -> TensorProto.INT32_DATA_FIELD_NUMBER;
        };
    @SuppressWarnings("unchecked") // every typed field is declared as repeated bytes
    List<ByteString> references =
        (List<ByteString>) proto.getField(TensorProto.getDescriptor().findFieldByNumber(field));
    List<MemorySegment> packed = references.stream().map(views::get).toList();
    var values = new TypedValues(type, shape, packed, proto.getUnknownFields().getField(field));
    return switch (field) {
      case TensorProto.FLOAT_DATA_FIELD_NUMBER, TensorProto.DOUBLE_DATA_FIELD_NUMBER ->
          values.fixedWidth();
      default -> values.varints();
    };
  }

  private Tensor fixedWidth() {
    long bytes = 4L * unpacked.getFixed32List().size() + 8L * unpacked.getFixed64List().size();
    for (MemorySegment run : packed) {
      bytes += run.byteSize();
    }
    require(type.bytes(shape.elements()), bytes, "bytes");
    if (packed.size() == 1 && unpacked.getSerializedSize(1) == 0) {
      return new Tensor(type, shape, packed.getFirst());
    }
    Tensor tensor = allocate();
    long at = 0;
    for (MemorySegment run : packed) {
      MemorySegment.copy(run, 0, tensor.data(), at, run.byteSize());
      at += run.byteSize();
    }
    for (int value : unpacked.getFixed32List()) {
      tensor.data().set(INT, at, value);
      at += 4;
    }
    for (long value : unpacked.getFixed64List()) {
      tensor.data().set(Tensor.INT64, at, value);
      at += 8;
    }
    return tensor;
  }

  private Tensor varints() {
    int width = Math.max(1, type.bits() / 8);
    long count = unpacked.getVarintList().size();
    for (MemorySegment run : packed) {
      count += ends(run);
    }
    require(type.bytes(shape.elements()) / width, count, "values");
    Tensor tensor = allocate();
    long at = 0;
    for (MemorySegment run : packed) {
      at = decode(run, tensor.data(), at, width);
    }
    for (long value : unpacked.getVarintList()) {
      store(tensor.data(), at, width, value);
      at += width;
    }
    return tensor;
  }

  /** How many varints a run holds: each ends with a byte whose top bit is clear. */
  private static long ends(MemorySegment run) {
    long ends = 0;
    for (long i = 0; i < run.byteSize(); i++) {
      ends += run.get(ValueLayout.JAVA_BYTE, i) >= 0 ? 1 : 0;
    }
    return ends;
  }

  private long decode(MemorySegment run, MemorySegment to, long start, int width) {
    if (run.byteSize() > 0 && run.get(ValueLayout.JAVA_BYTE, run.byteSize() - 1) < 0) {
      throw new OnnxException("its " + type + " values end in the middle of a number");
    }
    Wire in = new Wire(run);
    long at = start;
    while (!in.isAtEnd()) {
      store(to, at, width, in.varint());
      at += width;
    }
    return at;
  }

  private static void store(MemorySegment to, long at, int width, long value) {
    switch (width) {
      case 1 -> to.set(ValueLayout.JAVA_BYTE, at, (byte) value);
      case 2 -> to.set(SHORT, at, (short) value);
      case 4 -> to.set(INT, at, (int) value);
      default -> to.set(Tensor.INT64, at, value);
    }
  }

  private void require(long needed, long found, String unit) {
    if (needed != found) {
      throw new OnnxException(
          "%s of shape %s needs %d %s, has %d".formatted(type, shape, needed, unit, found));
    }
  }

  /** Only called when the file has been seen to hold all values. */
  private Tensor allocate() {
    try {
      return Tensor.allocate(type, shape);
    } catch (OutOfMemoryError e) {
      throw new OnnxException(
          "no off-heap memory left for %s of shape %s; raise -XX:MaxDirectMemorySize"
              .formatted(type, shape),
          e);
    }
  }
}
