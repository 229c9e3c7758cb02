package dev.skein.onnx;

import com.google.protobuf.ByteString;
import dev.skein.graph.Attribute;
import dev.skein.graph.Opaque;
import dev.skein.graph.Weight;
import dev.skein.onnx.proto.AttributeProto;
import dev.skein.onnx.proto.AttributeProto.AttributeType;
import dev.skein.onnx.proto.TensorProto;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** AttributeProto ⇄ {@link Attribute}. */
final class AttributeCodec {
  private AttributeCodec() {}

  /**
   * @throws OnnxException if it holds a tensor or a graph beside what its type says
   */
  static Attribute read(AttributeProto proto, GraphDecoder decoder) {
    requireNothingBeside(proto);
    if (proto.hasRefAttrName()) {
      return verbatim(proto);
    }
    return switch (type(proto)) {
      case INT -> new Attribute.OfInt(proto.getI());
      case FLOAT -> new Attribute.OfFloat(proto.getF());
      case STRING -> new Attribute.OfString(string(proto.getS()));
      case TENSOR -> new Attribute.OfTensor(tensor(proto.getT(), decoder));
      case GRAPH -> new Attribute.OfGraph(decoder.graph(proto.getG()));
      case INTS -> new Attribute.OfInts(proto.getIntsList());
      case FLOATS -> new Attribute.OfFloats(proto.getFloatsList());
      case STRINGS ->
          new Attribute.OfStrings(
              proto.getStringsList().stream().map(AttributeCodec::string).toList());
      case TENSORS ->
          new Attribute.OfTensors(
              proto.getTensorsList().stream().map(t -> tensor(t, decoder)).toList());
      case GRAPHS ->
          new Attribute.OfGraphs(proto.getGraphsList().stream().map(decoder::graph).toList());
      case SPARSE_TENSOR, SPARSE_TENSORS, TYPE_PROTO, TYPE_PROTOS, UNDEFINED -> verbatim(proto);
    };
  }

  /** What stays in a rest must not refer to tensor values. */
  private static void requireNothingBeside(AttributeProto proto) {
    AttributeType type = proto.hasRefAttrName() ? AttributeType.UNDEFINED : type(proto);
    boolean plain =
        (!proto.hasT() || type == AttributeType.TENSOR)
            && (!proto.hasG() || type == AttributeType.GRAPH)
            && (proto.getTensorsCount() == 0 || type == AttributeType.TENSORS)
            && (proto.getGraphsCount() == 0 || type == AttributeType.GRAPHS);
    if (!plain) {
      throw new OnnxException("is of type " + type + " and holds a tensor or a graph beside it");
    }
  }

  private static Attribute verbatim(AttributeProto proto) {
    WeightCodec.requireInside(proto.getSparseTensor());
    proto.getSparseTensorsList().forEach(WeightCodec::requireInside);
    return new Attribute.Verbatim(Opaque.of(proto.toBuilder().clearName().build().toByteArray()));
  }

  private static Weight tensor(TensorProto proto, GraphDecoder decoder) {
    return decoder.weights().read(proto);
  }

  /** Files of the first IR version do not say the type: it is that of the field that is set. */
  private static AttributeType type(AttributeProto proto) {
    if (proto.getType() != AttributeType.UNDEFINED) {
      return proto.getType();
    }
    if (proto.hasF()) {
      return AttributeType.FLOAT;
    }
    if (proto.hasI()) {
      return AttributeType.INT;
    }
    if (proto.hasS()) {
      return AttributeType.STRING;
    }
    if (proto.hasT()) {
      return AttributeType.TENSOR;
    }
    if (proto.hasG()) {
      return AttributeType.GRAPH;
    }
    return listType(proto);
  }

  private static AttributeType listType(AttributeProto proto) {
    if (proto.getFloatsCount() > 0) {
      return AttributeType.FLOATS;
    }
    if (proto.getIntsCount() > 0) {
      return AttributeType.INTS;
    }
    if (proto.getStringsCount() > 0) {
      return AttributeType.STRINGS;
    }
    if (proto.getTensorsCount() > 0) {
      return AttributeType.TENSORS;
    }
    return proto.getGraphsCount() > 0 ? AttributeType.GRAPHS : AttributeType.UNDEFINED;
  }

  /** What {@link #read} leaves aside; without a name if that is nothing. */
  static AttributeProto rest(AttributeProto proto, Attribute read) {
    AttributeProto.Builder rest = proto.toBuilder().clearName().clearType();
    switch (read) {
      case Attribute.OfInt i -> rest.clearI();
      case Attribute.OfFloat f -> rest.clearF();
      case Attribute.OfString s -> rest.clearS();
      case Attribute.OfGraph g -> rest.clearG();
      case Attribute.OfInts is -> rest.clearInts();
      case Attribute.OfFloats fs -> rest.clearFloats();
      case Attribute.OfStrings ss -> rest.clearStrings();
      case Attribute.OfGraphs gs -> rest.clearGraphs();
      case Attribute.Verbatim v -> rest.clear();
      case Attribute.OfTensor t -> {
        TensorProto left = WeightCodec.rest(proto.getT());
        if (left.getSerializedSize() == 0) {
          rest.clearT();
        } else {
          rest.setT(left);
        }
      }
      case Attribute.OfTensors ts -> {
        List<TensorProto> left = proto.getTensorsList().stream().map(WeightCodec::rest).toList();
        rest.clearTensors();
        if (left.stream().anyMatch(tensor -> tensor.getSerializedSize() > 0)) {
          rest.addAllTensors(left);
        }
      }
    }
    if (rest.build().getSerializedSize() > 0) {
      rest.setNameBytes(proto.getNameBytes());
    }
    return rest.build();
  }

  /**
   * @param rest what was left aside when it was read, or an empty message
   */
  static AttributeProto write(
      String name, Attribute attribute, AttributeProto rest, GraphEncoder encoder) {
    AttributeProto.Builder proto = rest.toBuilder().setName(name);
    return switch (attribute) {
      case Attribute.OfInt(long value) -> proto.setType(AttributeType.INT).setI(value).build();
      case Attribute.OfFloat(float value) -> proto.setType(AttributeType.FLOAT).setF(value).build();
      case Attribute.OfString(String value) ->
          proto.setType(AttributeType.STRING).setS(bytes(value)).build();
      case Attribute.OfTensor(Weight value) ->
          proto
              .setType(AttributeType.TENSOR)
              .setT(WeightCodec.write(value, rest.getT(), encoder.views()))
              .build();
      case Attribute.OfGraph(var value) ->
          proto.setType(AttributeType.GRAPH).setG(encoder.write(value)).build();
      case Attribute.OfInts(List<Long> values) ->
          proto.setType(AttributeType.INTS).addAllInts(values).build();
      case Attribute.OfFloats(List<Float> values) ->
          proto.setType(AttributeType.FLOATS).addAllFloats(values).build();
      case Attribute.OfStrings(List<String> values) ->
          proto
              .setType(AttributeType.STRINGS)
              .addAllStrings(values.stream().map(AttributeCodec::bytes).toList())
              .build();
      case Attribute.OfTensors(List<Weight> values) -> tensors(proto, values, encoder.views());
      case Attribute.OfGraphs(var values) ->
          proto
              .setType(AttributeType.GRAPHS)
              .addAllGraphs(values.stream().map(encoder::write).toList())
              .build();
      case Attribute.Verbatim(Opaque onnx) ->
          Rest.of(onnx, AttributeProto.parser()).toBuilder().setName(name).build();
    };
  }

  private static AttributeProto tensors(
      AttributeProto.Builder proto, List<Weight> values, Views views) {
    List<TensorProto> rests = List.copyOf(proto.getTensorsList());
    proto.setType(AttributeType.TENSORS).clearTensors();
    for (int i = 0; i < values.size(); i++) {
      TensorProto rest =
          rests.size() == values.size() ? rests.get(i) : TensorProto.getDefaultInstance();
      proto.addTensors(WeightCodec.write(values.get(i), rest, views));
    }
    return proto.build();
  }

  private static String string(ByteString bytes) {
    return bytes.toString(StandardCharsets.ISO_8859_1);
  }

  private static ByteString bytes(String string) {
    return ByteString.copyFrom(string, StandardCharsets.ISO_8859_1);
  }
}
