package dev.skein.onnx;

import dev.skein.graph.Attribute;
import dev.skein.graph.Graph;
import dev.skein.graph.Node;
import dev.skein.graph.Weight;
import dev.skein.onnx.proto.AttributeProto;
import dev.skein.onnx.proto.GraphProto;
import dev.skein.onnx.proto.NodeProto;
import dev.skein.onnx.proto.TensorProto;
import java.util.HashMap;
import java.util.Map;

/** {@link Graph} → GraphProto, starting from what reading left aside. */
record GraphEncoder(Views views) {
  /** Says where a weight of the outermost graph goes; returns the tensor to write. */
  interface Placement {
    TensorProto place(String name, Weight weight, TensorProto rest);
  }

  /** With all weights inside. */
  GraphProto write(Graph graph) {
    return write(graph, (name, weight, rest) -> WeightCodec.write(weight, rest, views));
  }

  GraphProto write(Graph graph, Placement placement) {
    GraphProto.Builder proto = Rest.of(graph.rest(), GraphProto.parser()).toBuilder();
    Map<String, TensorProto> rests = new HashMap<>();
    proto.getInitializerList().forEach(tensor -> rests.put(tensor.getName(), tensor));
    proto.clearInitializer();
    proto.setName(graph.name());
    graph.inputs().forEach(value -> proto.addInput(ValueCodec.write(value)));
    graph.outputs().forEach(value -> proto.addOutput(ValueCodec.write(value)));
    graph.nodes().forEach(node -> proto.addNode(write(node)));
    graph.annotations().forEach(value -> proto.addValueInfo(ValueCodec.write(value)));
    graph
        .weights()
        .forEach((name, weight) -> {
          if (weight instanceof Weight.Verbatim verbatim && WeightCodec.isSparse(weight)) {
            proto.addSparseInitializer(WeightCodec.writeSparse(verbatim, name));
          } else {
            TensorProto rest = rests.getOrDefault(name, TensorProto.getDefaultInstance());
            TensorProto placed = placement.place(name, weight, rest);
            proto.addInitializer(placed.toBuilder().setName(name));
          }
        });
    return proto.build();
  }

  private NodeProto write(Node node) {
    NodeProto.Builder proto = Rest.of(node.rest(), NodeProto.parser()).toBuilder();
    Map<String, AttributeProto> rests = new HashMap<>();
    proto.getAttributeList().forEach(rest -> rests.put(rest.getName(), rest));
    proto.clearAttribute();
    proto.addAllInput(node.inputs()).addAllOutput(node.outputs()).setOpType(node.op());
    if (!node.name().isEmpty()) {
      proto.setName(node.name());
    }
    if (!node.domain().isEmpty()) {
      proto.setDomain(node.domain());
    }
    for (Map.Entry<String, Attribute> attribute : node.attributes().entrySet()) {
      String name = attribute.getKey();
      AttributeProto rest = rests.getOrDefault(name, AttributeProto.getDefaultInstance());
      proto.addAttribute(AttributeCodec.write(name, attribute.getValue(), rest, this));
    }
    return proto.build();
  }
}
