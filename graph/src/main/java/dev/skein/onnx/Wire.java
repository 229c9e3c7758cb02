package dev.skein.onnx;

import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A cursor over serialised protobuf fields in any memory; the library's own copies to the heap. */
final class Wire {
  private final MemorySegment memory;
  private long at;

  Wire(MemorySegment memory) {
    this.memory = memory;
  }

  boolean isAtEnd() {
    return at == memory.byteSize();
  }

  long position() {
    return at;
  }

  /** The next field's tag: its number and how it is laid out. */
  int tag() {
    long tag = varint();
    if (tag >>> 32 != 0 || WireFormat.getTagFieldNumber((int) tag) == 0) {
      throw new OnnxException("is no ONNX model, or is damaged: a field has no valid number");
    }
    return (int) tag;
  }

  long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (isAtEnd()) {
        throw truncated();
      }
      byte next = memory.get(ValueLayout.JAVA_BYTE, at++);
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new OnnxException("is no ONNX model, or is damaged: a number is longer than ten bytes");
  }

  /** The content of a length-delimited field. */
  MemorySegment delimited() {
    return take(varint());
  }

  /** Passes over the value of a field that is not length-delimited; groups are refused. */
  void skip(int tag) {
    switch (WireFormat.getTagWireType(tag)) {
      case WireFormat.WIRETYPE_VARINT -> varint();
      case WireFormat.WIRETYPE_FIXED32 -> take(4);
      case WireFormat.WIRETYPE_FIXED64 -> take(8);
      default ->
          throw new OnnxException(
              "is no ONNX model, or is damaged: a field is laid out in no known way");
    }
  }

  /** A view of what lies between an earlier position and this one. */
  MemorySegment since(long position) {
    return memory.asSlice(position, at - position);
  }

  private MemorySegment take(long bytes) {
    if (bytes < 0 || bytes > memory.byteSize() - at) {
      throw truncated();
    }
    at += bytes;
    return memory.asSlice(at - bytes, bytes);
  }

  private static OnnxException truncated() {
    return new OnnxException(
        "is no ONNX model, or is damaged: a field is longer than what is left of the file");
  }

  static void write(long varint, ByteArrayOutputStream out) {
    long left = varint;
    while ((left & ~0x7fL) != 0) {
      out.write((int) (left & 0x7f) | 0x80);
      left >>>= 7;
    }
    out.write((int) left);
  }
}
