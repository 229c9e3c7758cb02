package dev.skein.onnx;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import dev.skein.graph.OneLine;
import dev.skein.graph.Opaque;
import dev.skein.graph.TensorType;
import dev.skein.graph.Weight;
import dev.skein.onnx.proto.GraphProto;
import dev.skein.onnx.proto.SparseTensorProto;
import dev.skein.onnx.proto.StringStringEntryProto;
import dev.skein.onnx.proto.TensorProto;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/**
 * TensorProto ⇄ {@link Weight}. A {@link Weight.Verbatim} holds a GraphProto with one initialiser,
 * dense or sparse, so that both kinds keep their place.
 */
final class WeightCodec {
  private static final String CONTENT = "sha256:";
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  private final Views views;
  private final ExternalData external;

  WeightCodec(Views views, ExternalData external) {
    this.views = views;
    this.external = external;
  }

  /**
   * @throws OnnxException if the values do not fit type and shape, or are out of reach
   */
  Weight read(TensorProto proto) {
    ElementType type = element(proto.getDataType());
    Shape shape = shape(proto.getDimsList());
    if (type == ElementType.STRING) {
      requireText(proto);
      requireCount(shape, proto.getStringDataCount());
      GraphProto fragment = GraphProto.newBuilder().addInitializer(proto).build();
      return new Weight.Verbatim(TensorType.of(type, shape), Opaque.of(fragment.toByteArray()));
    }
    try {
      if (isExternal(proto)) {
        return external(proto, type, shape);
      }
      return new Weight.Held(
          isRaw(proto)
              ? raw(views.get(proto.getRawData()), type, shape)
              : TypedValues.read(proto, views, type, shape));
    } catch (ArithmeticException e) {
      throw new OnnxException("shape " + shape + " is too large for " + type, e);
    }
  }

  private Weight external(TensorProto proto, ElementType type, Shape shape) {
    String location = ExternalData.location(proto);
    if (location.startsWith(CONTENT)) {
      String digest = location.substring(CONTENT.length());
      if (!SHA256.matcher(digest).matches()) {
        throw new OnnxException("its content address is malformed: " + OneLine.quote(location));
      }
      return new Weight.Addressed(TensorType.of(type, shape), shape, digest);
    }
    return new Weight.Held(
        new Tensor(type, shape, external.values(proto, type.bytes(shape.elements()))));
  }

  /** Some exporters set {@code raw_data} to nothing beside a typed field. */
  private boolean isRaw(TensorProto proto) {
    return proto.hasRawData() && views.get(proto.getRawData()).byteSize() > 0;
  }

  private static Tensor raw(MemorySegment values, ElementType type, Shape shape) {
    long needed = type.bytes(shape.elements());
    if (values.byteSize() != needed) {
      throw new OnnxException(
          "%s of shape %s needs %d bytes, has %d"
              .formatted(type, shape, needed, values.byteSize()));
    }
    return new Tensor(type, shape, values);
  }

  /**
   * @throws OnnxException if a part of it is in another file
   */
  Weight read(SparseTensorProto proto) {
    requireInside(proto);
    GraphProto fragment = GraphProto.newBuilder().addSparseInitializer(proto).build();
    ElementType type = element(proto.getValues().getDataType());
    return new Weight.Verbatim(
        TensorType.of(type, shape(proto.getDimsList())), Opaque.of(fragment.toByteArray()));
  }

  static void requireInside(SparseTensorProto proto) {
    if (isExternal(proto.getValues()) || isExternal(proto.getIndices())) {
      throw new OnnxException("is sparse and external at once, which Skein does not read");
    }
  }

  private static boolean isExternal(TensorProto proto) {
    return proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL;
  }

  /** What {@link #read} leaves aside: the name in attributes, documentation, newer fields. */
  static TensorProto rest(TensorProto proto) {
    if (proto.getDataType() == ElementType.STRING.code()) {
      return TensorProto.getDefaultInstance();
    }
    UnknownFieldSet.Builder unknown = proto.getUnknownFields().toBuilder();
    TypedValues.FIELDS.forEach(unknown::clearField);
    return proto.toBuilder()
        .clearDims()
        .clearDataType()
        .clearFloatData()
        .clearInt32Data()
        .clearStringData()
        .clearInt64Data()
        .clearRawData()
        .clearDoubleData()
        .clearUint64Data()
        .clearExternalData()
        .clearDataLocation()
        .setUnknownFields(unknown.build())
        .build();
  }

  /**
   * @param rest what was left aside when it was read, or an empty message
   * @param views gets the values
   */
  static TensorProto write(Weight weight, TensorProto rest, Views views) {
    return switch (weight) {
      case Weight.Held held -> write(held.tensor(), rest, views);
      case Weight.Addressed addressed ->
          externalAt(
              describe(rest, addressed.type().element(), addressed.shape()),
              CONTENT + addressed.sha256());
      case Weight.Verbatim verbatim -> fragment(verbatim).getInitializer(0);
    };
  }

  private static TensorProto write(Tensor tensor, TensorProto rest, Views views) {
    return describe(rest, tensor.type(), tensor.shape())
        .setRawData(views.add(tensor.data()))
        .build();
  }

  static boolean isSparse(Weight weight) {
    return weight instanceof Weight.Verbatim verbatim
        && fragment(verbatim).getSparseInitializerCount() > 0;
  }

  static SparseTensorProto writeSparse(Weight.Verbatim weight, String name) {
    SparseTensorProto.Builder proto = fragment(weight).getSparseInitializer(0).toBuilder();
    proto.getValuesBuilder().setName(name);
    return proto.build();
  }

  static TensorProto.Builder describe(TensorProto rest, ElementType type, Shape shape) {
    TensorProto.Builder proto = rest.toBuilder().setDataType(type.code());
    LongStream.of(shape.toArray()).forEach(proto::addDims);
    return proto;
  }

  static TensorProto externalAt(TensorProto.Builder proto, String location) {
    return proto
        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
        .addExternalData(entry("location", location))
        .build();
  }

  static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  private static GraphProto fragment(Weight.Verbatim weight) {
    try {
      GraphProto fragment = GraphProto.parseFrom(weight.onnx().toBytes());
      if (fragment.getInitializerCount() + fragment.getSparseInitializerCount() == 1) {
        return fragment;
      }
    } catch (InvalidProtocolBufferException e) {
      throw new OnnxException("a verbatim weight of type " + weight.type() + " is damaged", e);
    }
    throw new OnnxException("a verbatim weight of type " + weight.type() + " is not one tensor");
  }

  private static ElementType element(int code) {
    try {
      return ElementType.ofCode(code);
    } catch (IllegalArgumentException e) {
      throw new OnnxException(String.valueOf(e.getMessage()), e);
    }
  }

  private static Shape shape(List<Long> dims) {
    if (dims.size() > 32) {
      throw new OnnxException("has " + dims.size() + " axes, above 32");
    }
    try {
      return Shape.of(dims.stream().mapToLong(Long::longValue).toArray());
    } catch (IllegalArgumentException e) {
      throw new OnnxException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Values of other kinds would be references here. */
  private static void requireText(TensorProto proto) {
    if (proto.getAllFields().keySet().stream().anyMatch(Views::isReference)) {
      throw new OnnxException("is of type string, but holds numbers or raw bytes");
    }
  }

  private static void requireCount(Shape shape, int found) {
    if (shape.elements() != found) {
      throw new OnnxException(
          "text of shape %s needs %d values, has %d".formatted(shape, shape.elements(), found));
    }
  }
}
