package dev.skein.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnsafeByteOperations;
import dev.skein.onnx.proto.ModelProto;
import dev.skein.onnx.proto.NodeProto;
import dev.skein.onnx.proto.OperatorSetIdProto;
import dev.skein.onnx.proto.TensorProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;

/** One spelling for what a file may say in several ways: an oracle apart from the reader. */
final class Canonical {
  private Canonical() {}

  static ModelProto of(ModelProto model) {
    ModelProto.Builder builder = model.toBuilder();
    visit(builder);
    for (OperatorSetIdProto.Builder set : builder.getOpsetImportBuilderList()) {
      set.setDomain(set.getDomain().equals("ai.onnx") ? "" : set.getDomain());
    }
    return builder.build();
  }

  private static void visit(Message.Builder builder) {
    if (builder instanceof TensorProto.Builder tensor) {
      raw(tensor);
    }
    if (builder instanceof NodeProto.Builder node) {
      if (node.getName().isEmpty()) {
        node.clearName();
      }
      if (node.getDomain().isEmpty() || node.getDomain().equals("ai.onnx")) {
        node.clearDomain();
      }
    }
    for (Map.Entry<FieldDescriptor, Object> field : builder.getAllFields().entrySet()) {
      if (field.getKey().getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
        continue;
      }
      if (field.getKey().isRepeated()) {
        for (int i = 0; i < ((List<?>) field.getValue()).size(); i++) {
          visit(builder.getRepeatedFieldBuilder(field.getKey(), i));
        }
      } else {
        visit(builder.getFieldBuilder(field.getKey()));
      }
    }
  }

  /** Only the cases that the real models have. */
  private static void raw(TensorProto.Builder tensor) {
    if (tensor.hasRawData() || tensor.getStringDataCount() > 0) {
      return;
    }
    ByteString floats = ByteString.copyFrom(tensor.getFloatDataList());
    ByteString ints = ints(ByteString.copyFrom(tensor.getInt32DataList()), tensor.getDataType());
    ByteString longs = ints(ByteString.copyFrom(tensor.getInt64DataList()), 7);
    tensor.clearFloatData().clearInt32Data().clearInt64Data();
    tensor.setRawData(floats.concat(ints).concat(longs));
  }

  private static ByteString ints(ByteString packed, int type) {
    int width =
        switch (type) {
          case 2, 3, 9 -> 1;
          case 4, 5, 10, 16 -> 2;
          case 7 -> 8;
          default -> 4;
        };
    ByteBuffer raw = ByteBuffer.allocate(8 * packed.size() + 8).order(ByteOrder.LITTLE_ENDIAN);
    try {
      CodedInputStream in = packed.newCodedInput();
      while (!in.isAtEnd()) {
        int start = raw.position();
        raw.putLong(in.readInt64()).position(start + width);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return UnsafeByteOperations.unsafeWrap(raw.flip());
  }
}
