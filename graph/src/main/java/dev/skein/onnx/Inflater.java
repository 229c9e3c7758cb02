package dev.skein.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.WireFormat;
import dev.skein.onnx.proto.ModelProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Writes a model whose tensors refer to {@link Views}, putting the values in as they stream by. */
final class Inflater {
  private static final int STEP = 1 << 16;

  private final MemorySegment slim;
  private final Views views;
  // Full sizes of the nested messages, in the order in which they begin.
  private final List<Long> sizes = new ArrayList<>();
  private final long size;

  Inflater(ModelProto model, Views views) {
    this.slim = MemorySegment.ofArray(model.toByteArray());
    this.views = views;
    this.size = measure(new Wire(slim), ModelProto.getDescriptor());
  }

  /** Bytes of the whole model. */
  long size() {
    return size;
  }

  private long measure(Wire in, Descriptor type) {
    long total = 0;
    while (!in.isAtEnd()) {
      long start = in.position();
      int tag = in.tag();
      if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        in.skip(tag);
        total += in.position() - start;
        continue;
      }
      FieldDescriptor field = type.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
      MemorySegment content = in.delimited();
      long full = content.byteSize();
      if (field != null && Views.isReference(field)) {
        full = view(content).byteSize();
      } else if (field != null && Views.isMessage(field)) {
        int slot = sizes.size();
        sizes.add(0L);
        full = measure(new Wire(content), field.getMessageType());
        sizes.set(slot, full);
      }
      total += CodedOutputStream.computeUInt32SizeNoTag(tag);
      total += CodedOutputStream.computeUInt64SizeNoTag(full) + full;
    }
    return total;
  }

  void write(OutputStream out) throws IOException {
    write(new Wire(slim), ModelProto.getDescriptor(), new ArrayDeque<>(sizes), out);
  }

  private void write(Wire in, Descriptor type, Deque<Long> left, OutputStream out)
      throws IOException {
    while (!in.isAtEnd()) {
      long start = in.position();
      int tag = in.tag();
      if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        in.skip(tag);
        copy(in.since(start), out);
        continue;
      }
      FieldDescriptor field = type.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
      MemorySegment content = in.delimited();
      if (field != null && Views.isReference(field)) {
        MemorySegment values = view(content);
        header(tag, values.byteSize(), out);
        copy(values, out);
      } else if (field != null && Views.isMessage(field)) {
        header(tag, left.pop(), out);
        write(new Wire(content), field.getMessageType(), left, out);
      } else {
        header(tag, content.byteSize(), out);
        copy(content, out);
      }
    }
  }

  private MemorySegment view(MemorySegment reference) {
    return views.get(ByteString.copyFrom(reference.toArray(ValueLayout.JAVA_BYTE)));
  }

  private static void header(int tag, long size, OutputStream out) throws IOException {
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    Wire.write(Integer.toUnsignedLong(tag), header);
    Wire.write(size, header);
    header.writeTo(out);
  }

  static void copy(MemorySegment from, OutputStream out) throws IOException {
    for (long at = 0; at < from.byteSize(); at += STEP) {
      long size = Math.min(STEP, from.byteSize() - at);
      out.write(from.asSlice(at, size).toArray(ValueLayout.JAVA_BYTE));
    }
  }
}
