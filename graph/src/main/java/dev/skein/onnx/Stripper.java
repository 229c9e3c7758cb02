package dev.skein.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.WireFormat;
import dev.skein.onnx.proto.ModelProto;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Makes a small copy of a serialised model, with references to {@link Views} where tensor values
 * were. On the way it refuses what would exhaust the heap or the stack once it is parsed: two bytes
 * of file can stand for an object of a hundred.
 */
final class Stripper {
  private static final int MAX_DEPTH = 90;
  // Of a node, in protobuf's form and in ours.
  private static final long PER_MESSAGE = 480;
  private static final long PER_FIELD = 64;
  // A packed number may take one byte here and a boxed Long there.
  private static final long PER_PACKED_BYTE = 40;
  // As bytes, as String, and once more in what is written back.
  private static final long PER_TEXT_BYTE = 4;

  private final Views views;
  private final long budget;
  private long spent;

  private Stripper(Views views, long budget) {
    this.views = views;
    this.budget = budget;
  }

  /**
   * @param views gets the tensor values, as slices of {@code model}
   * @param budget heap bytes that everything else may take
   * @throws OnnxException if the bytes are no message, would take more, or are nested too deep
   */
  static byte[] strip(MemorySegment model, Views views, long budget) {
    Stripper stripper = new Stripper(views, budget);
    return stripper.message(new Wire(model), ModelProto.getDescriptor(), 0).toByteArray();
  }

  private ByteArrayOutputStream message(Wire in, Descriptor type, int depth) {
    if (depth > MAX_DEPTH) {
      throw new OnnxException("is nested deeper than " + MAX_DEPTH + " messages");
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    while (!in.isAtEnd()) {
      long start = in.position();
      int tag = in.tag();
      spend(PER_FIELD);
      if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        in.skip(tag);
        out.writeBytes(in.since(start).toArray(ValueLayout.JAVA_BYTE));
        continue;
      }
      FieldDescriptor field = type.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
      MemorySegment content = in.delimited();
      byte[] kept = delimited(field, content, depth);
      Wire.write(Integer.toUnsignedLong(tag), out);
      Wire.write(kept.length, out);
      out.writeBytes(kept);
    }
    return out;
  }

  private byte[] delimited(@Nullable FieldDescriptor field, MemorySegment content, int depth) {
    if (field != null && Views.isReference(field)) {
      ByteString reference = views.add(content);
      return reference.toByteArray();
    }
    if (field != null && Views.isMessage(field)) {
      // Every level copies what is below it.
      spend(PER_MESSAGE);
      byte[] kept = message(new Wire(content), field.getMessageType(), depth + 1).toByteArray();
      spend(kept.length);
      return kept;
    }
    spend(Math.multiplyExact(content.byteSize(), perByte(field)));
    return content.toArray(ValueLayout.JAVA_BYTE);
  }

  private static long perByte(@Nullable FieldDescriptor field) {
    if (field == null) {
      return PER_TEXT_BYTE;
    }
    return switch (field.getJavaType()) {
      case BYTE_STRING, STRING -> PER_TEXT_BYTE;
      default -> PER_PACKED_BYTE;
    };
  }

  private void spend(long heap) {
    spent += heap;
    if (spent > budget) {
      throw new OnnxException(
          "would take more than %d MiB of heap even without its weights;".formatted(budget >> 20)
              + " give Java more (-Xmx) if you trust the file");
    }
  }
}
