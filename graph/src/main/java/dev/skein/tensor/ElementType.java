package dev.skein.tensor;

import java.util.Locale;

/** Element types of ONNX tensors; {@link #code} is the number that ONNX files and the wire use. */
public enum ElementType {
  FLOAT(1, 32),
  UINT8(2, 8),
  INT8(3, 8),
  UINT16(4, 16),
  INT16(5, 16),
  INT32(6, 32),
  INT64(7, 64),
  /** Text has no fixed width: it is kept on a round trip but never becomes a {@link Tensor}. */
  STRING(8, 0),
  BOOL(9, 8),
  FLOAT16(10, 16),
  DOUBLE(11, 64),
  UINT32(12, 32),
  UINT64(13, 64),
  COMPLEX64(14, 64),
  COMPLEX128(15, 128),
  BFLOAT16(16, 16),
  FLOAT8E4M3FN(17, 8),
  FLOAT8E4M3FNUZ(18, 8),
  FLOAT8E5M2(19, 8),
  FLOAT8E5M2FNUZ(20, 8),
  UINT4(21, 4),
  INT4(22, 4),
  FLOAT4E2M1(23, 4);

  private static final ElementType[] BY_CODE = new ElementType[24];

  static {
    for (ElementType type : values()) {
      BY_CODE[type.code] = type;
    }
  }

  private final int code;
  private final int bits;

  ElementType(int code, int bits) {
    this.code = code;
    this.bits = bits;
  }

  public int code() {
    return code;
  }

  /** Bits of one element; 0 for {@link #STRING}. */
  public int bits() {
    return bits;
  }

  /** Bytes that {@code elements} elements take, sub-byte types packed; fails on overflow. */
  public long bytes(long elements) {
    if (bits == 0) {
      throw new IllegalArgumentException("element type string has no fixed size");
    }
    return Math.ceilDivExact(Math.multiplyExact(elements, (long) bits), 8L);
  }

  /**
   * @throws IllegalArgumentException if no element type has this code
   */
  public static ElementType ofCode(int code) {
    if (code < 1 || code >= BY_CODE.length) {
      throw new IllegalArgumentException("unknown tensor element type " + code);
    }
    return BY_CODE[code];
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
