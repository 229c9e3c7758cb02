package dev.skein.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.skein.onnx.proto.AttributeProto;
import dev.skein.onnx.proto.AttributeProto.AttributeType;
import dev.skein.onnx.proto.GraphProto;
import dev.skein.onnx.proto.ModelProto;
import dev.skein.onnx.proto.NodeProto;
import dev.skein.onnx.proto.OperatorSetIdProto;
import dev.skein.onnx.proto.SparseTensorProto;
import dev.skein.onnx.proto.StringStringEntryProto;
import dev.skein.onnx.proto.TensorProto;
import dev.skein.onnx.proto.TensorShapeProto;
import dev.skein.onnx.proto.TensorShapeProto.Dimension;
import dev.skein.onnx.proto.TypeProto;
import dev.skein.onnx.proto.ValueInfoProto;
import java.util.List;

/** A model that uses every corner of the format, with unknown fields at every level. */
final class RichModel {
  private RichModel() {}

  static ModelProto build() {
    return ModelProto.newBuilder()
        .setIrVersion(10)
        .addOpsetImport(opset("", 17))
        .addOpsetImport(opset("com.example", 3))
        .addMetadataProps(entry("author", "Ünïcödé\nlines"))
        .addMetadataProps(entry("licence", ""))
        .setGraph(graph())
        .setUnknownFields(text(2, "producer 1.0"))
        .build();
  }

  static GraphProto graph() {
    return GraphProto.newBuilder()
        .setName("rich")
        .addInput(value("x", 1, Dimension.newBuilder().setDimParam("N").build(), fixed(2)))
        .addInput(ValueInfoProto.newBuilder().setName("untyped"))
        .addInput(sequence("list"))
        .addInput(value("w", 1, fixed(2)))
        .addOutput(value("y", 1).toBuilder().setUnknownFields(text(3, "what comes out")))
        .addOutput(ValueInfoProto.newBuilder().setName("w"))
        .addOutput(ValueInfoProto.newBuilder().setName("y"))
        .addValueInfo(denoted("h"))
        .addValueInfo(ValueInfoProto.newBuilder().setName("unranked").setType(tensorType(7)))
        .addInitializer(
            floats("w", 1, 2).toBuilder().setUnknownFields(text(12, "documented weight")))
        .addInitializer(strings("names"))
        .addInitializer(floats("empty").toBuilder().addDims(0).clearRawData().setRawData(EMPTY))
        .addSparseInitializer(sparse("thin"))
        .addNode(everyAttribute())
        .addNode(
            NodeProto.newBuilder()
                .setOpType("Custom")
                .setDomain("com.example")
                .setName("second")
                .addInput("h")
                .addInput("")
                .addInput("thin")
                .addOutput("")
                .addOutput("y")
                .setUnknownFields(text(8, "overload")))
        .setUnknownFields(text(14, "quantization"))
        .build();
  }

  private static final ByteString EMPTY = ByteString.EMPTY;

  private static NodeProto everyAttribute() {
    GraphProto body =
        GraphProto.newBuilder()
            .setName("body")
            .addOutput(value("inner", 1))
            .addNode(NodeProto.newBuilder().setOpType("Relu").addInput("x").addOutput("inner"))
            .addInitializer(floats("bw", 3).toBuilder().setUnknownFields(text(12, "inside")))
            .setUnknownFields(text(10, "a body"))
            .build();
    return NodeProto.newBuilder()
        .setOpType("Many")
        .setDomain("com.example")
        .addInput("x")
        .addOutput("h")
        .addAttribute(attribute("int", AttributeType.INT).setI(-7))
        .addAttribute(attribute("float", AttributeType.FLOAT).setF(Float.NEGATIVE_INFINITY))
        .addAttribute(
            attribute("string", AttributeType.STRING)
                .setS(ByteString.copyFrom(new byte[] {0, -1, (byte) 0x80, 65}))
                .setUnknownFields(text(13, "bytes, not text")))
        .addAttribute(
            attribute("tensor", AttributeType.TENSOR)
                .setT(floats("inner name", 5).toBuilder().setUnknownFields(text(12, "doc"))))
        .addAttribute(attribute("text tensor", AttributeType.TENSOR).setT(strings("words")))
        .addAttribute(attribute("graph", AttributeType.GRAPH).setG(body))
        .addAttribute(attribute("ints", AttributeType.INTS).addInts(1).addInts(Long.MIN_VALUE))
        .addAttribute(attribute("no ints", AttributeType.INTS))
        .addAttribute(attribute("floats", AttributeType.FLOATS).addFloats(Float.NaN).addFloats(0))
        .addAttribute(
            attribute("strings", AttributeType.STRINGS)
                .addAllStrings(List.of(EMPTY, ByteString.copyFromUtf8("é"))))
        .addAttribute(
            attribute("tensors", AttributeType.TENSORS)
                .addTensors(floats("", 1).toBuilder().clearName())
                .addTensors(floats("named", 2)))
        .addAttribute(attribute("graphs", AttributeType.GRAPHS).addGraphs(body).addGraphs(body))
        .addAttribute(attribute("sparse", AttributeType.SPARSE_TENSOR).setSparseTensor(sparse("s")))
        .addAttribute(
            attribute("sparses", AttributeType.SPARSE_TENSORS).addSparseTensors(sparse("t")))
        .addAttribute(
            attribute("type", AttributeType.TYPE_PROTO).setUnknownFields(text(14, "type proto")))
        .addAttribute(
            attribute("types", AttributeType.TYPE_PROTOS).setUnknownFields(text(15, "type protos")))
        .addAttribute(attribute("ref", AttributeType.INT).setRefAttrName("outer"))
        .addAttribute(
            AttributeProto.newBuilder()
                .setName("from the future")
                .setUnknownFields(
                    UnknownFieldSet.newBuilder()
                        .addField(20, UnknownFieldSet.Field.newBuilder().addVarint(99).build())
                        .build()))
        .setUnknownFields(text(6, "node documentation"))
        .build();
  }

  static AttributeProto.Builder attribute(String name, AttributeType type) {
    return AttributeProto.newBuilder().setName(name).setType(type);
  }

  static OperatorSetIdProto opset(String domain, long version) {
    return OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version).build();
  }

  static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  static ValueInfoProto value(String name, int element, Dimension... dims) {
    TypeProto.Builder type = tensorType(element).toBuilder();
    type.getTensorTypeBuilder().setShape(TensorShapeProto.newBuilder().addAllDim(List.of(dims)));
    return ValueInfoProto.newBuilder().setName(name).setType(type).build();
  }

  private static TypeProto tensorType(int element) {
    return TypeProto.newBuilder()
        .setTensorType(TypeProto.Tensor.newBuilder().setElemType(element))
        .build();
  }

  private static ValueInfoProto sequence(String name) {
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setUnknownFields(text(4, "sequence of")))
        .build();
  }

  private static ValueInfoProto denoted(String name) {
    Dimension batch = Dimension.newBuilder().setUnknownFields(text(3, "DATA_BATCH")).build();
    ValueInfoProto.Builder value = value(name, 10, batch, fixed(4), fixed(0)).toBuilder();
    value.getTypeBuilder().setUnknownFields(text(6, "IMAGE"));
    return value.build();
  }

  static Dimension fixed(long size) {
    return Dimension.newBuilder().setDimValue(size).build();
  }

  static TensorProto floats(String name, float... values) {
    var raw = java.nio.ByteBuffer.allocate(4 * values.length);
    raw.order(java.nio.ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(1);
    if (values.length > 0) {
      tensor.addDims(values.length);
    }
    return tensor.setRawData(ByteString.copyFrom(raw)).build();
  }

  private static TensorProto strings(String name) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(8)
        .addDims(2)
        .addStringData(ByteString.copyFromUtf8("zwei"))
        .addStringData(ByteString.copyFrom(new byte[] {-1}))
        .setUnknownFields(text(12, "words"))
        .build();
  }

  private static SparseTensorProto sparse(String name) {
    return SparseTensorProto.newBuilder()
        .setValues(floats(name, 8, 9))
        .setIndices(
            TensorProto.newBuilder()
                .setDataType(7)
                .addDims(2)
                .addInt64Data(ByteString.copyFrom(new byte[] {1, 3})))
        .addDims(6)
        .build();
  }

  static UnknownFieldSet text(int field, String text) {
    return UnknownFieldSet.newBuilder()
        .addField(
            field,
            UnknownFieldSet.Field.newBuilder()
                .addLengthDelimited(ByteString.copyFromUtf8(text))
                .build())
        .build();
  }
}
