package dev.skein.onnx;

import com.google.protobuf.ByteString;
import dev.skein.graph.Attribute;
import dev.skein.graph.Graph;
import dev.skein.graph.Node;
import dev.skein.graph.OneLine;
import dev.skein.graph.Opaque;
import dev.skein.graph.Order;
import dev.skein.graph.Value;
import dev.skein.graph.Weight;
import dev.skein.onnx.proto.AttributeProto;
import dev.skein.onnx.proto.GraphProto;
import dev.skein.onnx.proto.NodeProto;
import dev.skein.onnx.proto.SparseTensorProto;
import dev.skein.onnx.proto.TensorProto;
import dev.skein.onnx.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * GraphProto → {@link Graph}. Fields that have no place in our records stay in {@code rest}: in a
 * graph's also tensors that hold nothing but name and documentation, in a node's such attributes.
 */
record GraphDecoder(WeightCodec weights) {

  Graph graph(GraphProto proto) {
    String name = Text.utf8(proto.getNameBytes(), "the graph's name");
    GraphProto.Builder rest = proto.toBuilder();
    rest.clearName().clearInput().clearOutput().clearNode();
    rest.clearInitializer().clearSparseInitializer().clearValueInfo();
    Map<String, Weight> initial = weights(proto, rest);
    return Order.of(
        new Graph(
            name,
            values(proto.getInputList()),
            values(proto.getOutputList()),
            proto.getNodeList().stream().map(this::node).toList(),
            initial,
            values(proto.getValueInfoList()),
            Opaque.of(rest.build().toByteArray())));
  }

  private static List<Value> values(List<ValueInfoProto> protos) {
    return protos.stream().map(ValueCodec::read).toList();
  }

  private Map<String, Weight> weights(GraphProto proto, GraphProto.Builder rest) {
    Map<String, Weight> read = new LinkedHashMap<>();
    for (TensorProto tensor : proto.getInitializerList()) {
      String name = weightName(tensor.getNameBytes());
      put(read, name, named("weight", name, () -> weights.read(tensor)));
      TensorProto left = WeightCodec.rest(tensor);
      if (left.toBuilder().clearName().build().getSerializedSize() > 0) {
        rest.addInitializer(left);
      }
    }
    for (SparseTensorProto sparse : proto.getSparseInitializerList()) {
      String name = weightName(sparse.getValues().getNameBytes());
      put(read, name, named("weight", name, () -> weights.read(sparse)));
    }
    return read;
  }

  private static void put(Map<String, Weight> weights, String name, Weight weight) {
    if (weights.put(name, weight) != null) {
      throw new OnnxException("weight " + OneLine.quote(name) + " is there twice");
    }
  }

  private static String weightName(ByteString bytes) {
    String name = Text.utf8(bytes, "a weight's name");
    if (name.isEmpty()) {
      throw new OnnxException("a weight has no name");
    }
    return name;
  }

  private Node node(NodeProto proto) {
    String name = Text.utf8(proto.getNameBytes(), "a node's name");
    String op = Text.utf8(proto.getOpTypeBytes(), "the operator of node " + OneLine.quote(name));
    String label = op + " " + OneLine.quote(name);
    NodeProto.Builder rest = proto.toBuilder();
    rest.clearName().clearOpType().clearDomain().clearInput().clearOutput().clearAttribute();
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    for (AttributeProto attribute : proto.getAttributeList()) {
      String key = Text.utf8(attribute.getNameBytes(), "an attribute's name of " + label);
      Attribute value =
          named(label + ": attribute", key, () -> AttributeCodec.read(attribute, this));
      if (attributes.put(key, value) != null) {
        throw new OnnxException(label + " has attribute " + OneLine.quote(key) + " twice");
      }
      AttributeProto left = AttributeCodec.rest(attribute, value);
      if (left.getSerializedSize() > 0) {
        rest.addAttribute(left);
      }
    }
    return new Node(
        name,
        op,
        Text.domain(proto.getDomainBytes()),
        names(proto.getInputCount(), proto::getInputBytes, label),
        names(proto.getOutputCount(), proto::getOutputBytes, label),
        attributes,
        Opaque.of(rest.build().toByteArray()));
  }

  private static List<String> names(int count, IntFunction<ByteString> bytes, String of) {
    List<String> names = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      names.add(Text.utf8(bytes.apply(i), "a value's name at " + of));
    }
    return names;
  }

  private static <T> T named(String kind, String name, Supplier<T> read) {
    try {
      return read.get();
    } catch (OnnxException e) {
      throw new OnnxException(kind + " " + OneLine.quote(name) + ": " + e.getMessage(), e);
    }
  }
}
