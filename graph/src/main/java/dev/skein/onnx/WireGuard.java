package dev.skein.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.WireFormat;
import dev.skein.onnx.proto.ModelProto;
import dev.skein.onnx.proto.TensorProto;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Walks a serialised model without building it and refuses what would exhaust the heap or the
 * stack: two bytes of file can stand for an object of a hundred. Tensor values are skipped, not
 * read.
 */
final class WireGuard {
  private static final int MAX_DEPTH = 90;
  private static final long PER_MESSAGE = 160;
  private static final long PER_FIELD = 64;
  // A packed number may take one byte here and a boxed Long there.
  private static final long PER_PACKED_BYTE = 40;
  // As bytes, as String, and once more in what is written back.
  private static final long PER_TEXT_BYTE = 4;

  private final CodedInputStream in;
  private final long budget;
  private long spent;

  private WireGuard(CodedInputStream in, long budget) {
    this.in = in;
    this.budget = budget;
  }

  /**
   * @param budget heap bytes that the model's structure may take
   * @throws OnnxException if it would take more, or is nested too deep
   * @throws IOException if the bytes are no protobuf message
   */
  static void check(ByteString model, long budget) throws IOException {
    WireGuard guard = new WireGuard(model.newCodedInput(), budget);
    guard.message(ModelProto.getDescriptor(), 0);
  }

  private void message(Descriptor type, int depth) throws IOException {
    if (depth > MAX_DEPTH) {
      throw new OnnxException("nested deeper than " + MAX_DEPTH + " messages");
    }
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      FieldDescriptor field = type.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
      switch (WireFormat.getTagWireType(tag)) {
        case WireFormat.WIRETYPE_LENGTH_DELIMITED -> delimited(field, depth);
        case WireFormat.WIRETYPE_START_GROUP, WireFormat.WIRETYPE_END_GROUP ->
            throw new OnnxException("holds a protobuf group, which no ONNX model does");
        default -> {
          spend(PER_FIELD);
          in.skipField(tag);
        }
      }
    }
  }

  private void delimited(@Nullable FieldDescriptor field, int depth) throws IOException {
    int size = in.readRawVarint32();
    if (field != null && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
      spend(PER_MESSAGE);
      int outer = in.pushLimit(size);
      message(field.getMessageType(), depth + 1);
      in.popLimit(outer);
      return;
    }
    spend(PER_FIELD + Math.max(0, size) * perByte(field));
    in.skipRawBytes(size);
  }

  private static long perByte(@Nullable FieldDescriptor field) {
    if (field == null) {
      return PER_TEXT_BYTE;
    }
    return switch (field.getJavaType()) {
      case BYTE_STRING -> isTensorValues(field) ? 0 : PER_TEXT_BYTE;
      case STRING -> PER_TEXT_BYTE;
      default -> PER_PACKED_BYTE;
    };
  }

  private static boolean isTensorValues(FieldDescriptor field) {
    return field.getContainingType() == TensorProto.getDescriptor()
        && field.getNumber() != TensorProto.STRING_DATA_FIELD_NUMBER;
  }

  private void spend(long heap) {
    spent += heap;
    if (spent > budget) {
      throw new OnnxException(
          "its structure alone would take more than "
              + (budget >> 20)
              + " MiB of heap; give Java more memory (-Xmx) if the file is to be trusted");
    }
  }
}
