package dev.skein.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.skein.onnx.proto.SparseTensorProto;
import dev.skein.onnx.proto.TensorProto;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Tensor values kept outside the protobuf messages, which would hold them on the heap. Where a
 * TensorProto has values, ours has a number of eight bytes that counts these views. Sparse tensors
 * keep their values.
 */
final class Views {
  private static final Set<Integer> VALUES =
      Set.of(
          TensorProto.RAW_DATA_FIELD_NUMBER,
          TensorProto.FLOAT_DATA_FIELD_NUMBER,
          TensorProto.INT32_DATA_FIELD_NUMBER,
          TensorProto.INT64_DATA_FIELD_NUMBER,
          TensorProto.DOUBLE_DATA_FIELD_NUMBER,
          TensorProto.UINT64_DATA_FIELD_NUMBER);

  private final List<MemorySegment> views = new ArrayList<>();

  static boolean isReference(FieldDescriptor field) {
    return field.getContainingType() == TensorProto.getDescriptor()
        && VALUES.contains(field.getNumber());
  }

  /** Whether a field's message is looked into; sparse tensors are passed on as they came. */
  static boolean isMessage(FieldDescriptor field) {
    return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
        && field.getMessageType() != SparseTensorProto.getDescriptor();
  }

  ByteString add(MemorySegment values) {
    views.add(values);
    return ByteString.copyFrom(ByteBuffer.allocate(Long.BYTES).putLong(views.size() - 1).flip());
  }

  MemorySegment get(ByteString reference) {
    return views.get((int) reference.asReadOnlyByteBuffer().getLong());
  }
}
