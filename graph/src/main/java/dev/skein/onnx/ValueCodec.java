package dev.skein.onnx;

import dev.skein.graph.Dim;
import dev.skein.graph.OneLine;
import dev.skein.graph.Opaque;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.onnx.proto.TensorShapeProto;
import dev.skein.onnx.proto.TensorShapeProto.Dimension;
import dev.skein.onnx.proto.TypeProto;
import dev.skein.onnx.proto.ValueInfoProto;
import dev.skein.tensor.ElementType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** ValueInfoProto ⇄ {@link Value}. */
final class ValueCodec {
  private static final int LAST_ELEMENT = ElementType.FLOAT4E2M1.code();

  private ValueCodec() {}

  static Value read(ValueInfoProto proto) {
    String name = Text.utf8(proto.getNameBytes(), "a value's name");
    ValueInfoProto.Builder rest = proto.toBuilder().clearName();
    TensorType type = type(name, proto.getType());
    if (type != null) {
      TypeProto others = withoutModelled(proto.getType());
      if (others.getSerializedSize() == 0) {
        rest.clearType();
      } else {
        rest.setType(others);
      }
    }
    return new Value(name, type, Opaque.of(rest.build().toByteArray()));
  }

  /** Null for sequences, maps and optionals, and for element types this version does not know. */
  private static @Nullable TensorType type(String name, TypeProto proto) {
    int element = proto.getTensorType().getElemType();
    if (!proto.hasTensorType() || element < 1 || element > LAST_ELEMENT) {
      return null;
    }
    TypeProto.Tensor tensor = proto.getTensorType();
    List<Dim> dims = null;
    if (tensor.hasShape()) {
      dims =
          tensor.getShape().getDimList().stream()
              .map(dim -> dim(dim, OneLine.quote(name)))
              .toList();
    }
    return new TensorType(ElementType.ofCode(element), dims);
  }

  private static Dim dim(Dimension proto, String of) {
    return switch (proto.getValueCase()) {
      // Some exporters write -1 for a size that is not known.
      case DIM_VALUE -> proto.getDimValue() < 0 ? Dim.UNKNOWN : Dim.of(proto.getDimValue());
      case DIM_PARAM -> {
        String symbol = Text.utf8(proto.getDimParamBytes(), "an axis name of value " + of);
        yield symbol.isEmpty() ? Dim.UNKNOWN : Dim.named(symbol);
      }
      case VALUE_NOT_SET -> Dim.UNKNOWN;
    };
  }

  /** Denotations of the type and of its axes, and newer fields. */
  private static TypeProto withoutModelled(TypeProto proto) {
    TensorShapeProto.Builder shape = proto.getTensorType().getShape().toBuilder();
    boolean empty = shape.getUnknownFields().getSerializedSize() == 0;
    for (Dimension.Builder dim : shape.getDimBuilderList()) {
      empty &= dim.clearValue().build().getSerializedSize() == 0;
    }
    TypeProto.Tensor.Builder tensor = proto.getTensorType().toBuilder().clearElemType();
    if (empty) {
      tensor.clearShape();
    } else {
      tensor.setShape(shape);
    }
    TypeProto.Builder type = proto.toBuilder();
    if (tensor.build().getSerializedSize() == 0) {
      type.clearTensorType();
    } else {
      type.setTensorType(tensor);
    }
    return type.build();
  }

  static ValueInfoProto write(Value value) {
    ValueInfoProto.Builder proto =
        Rest.of(value.rest(), ValueInfoProto.parser()).toBuilder().setName(value.name());
    TensorType type = value.type();
    if (type != null) {
      TypeProto.Tensor.Builder tensor = proto.getTypeBuilder().getTensorTypeBuilder();
      tensor.setElemType(type.element().code());
      List<Dim> dims = type.dims();
      if (dims != null) {
        write(dims, tensor.getShapeBuilder());
      }
    }
    return proto.build();
  }

  private static void write(List<Dim> dims, TensorShapeProto.Builder shape) {
    if (shape.getDimCount() != dims.size()) {
      // The value has another rank by now: its old axes' denotations mean nothing.
      shape.clearDim();
      dims.forEach(dim -> shape.addDimBuilder());
    }
    for (int axis = 0; axis < dims.size(); axis++) {
      Dim dim = dims.get(axis);
      String symbol = dim.symbol();
      if (dim.isFixed()) {
        shape.getDimBuilder(axis).setDimValue(dim.size());
      } else if (symbol != null) {
        shape.getDimBuilder(axis).setDimParam(symbol);
      }
    }
  }
}
