package dev.skein.onnx;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Opaque;
import dev.skein.onnx.proto.ModelProto;
import dev.skein.onnx.proto.OperatorSetIdProto;
import dev.skein.onnx.proto.StringStringEntryProto;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;

/** ModelProto → {@link Model}. */
final class ModelDecoder {
  private static final long MIN_OPSET = 7;
  private static final long MAX_OPSET = 22;

  private ModelDecoder() {}

  /**
   * @param memory never changes; weights become views of it
   */
  static Model read(MemorySegment memory, ExternalData external) {
    Views views = new Views();
    ModelProto proto = parse(memory, views);
    if (!proto.hasGraph()) {
      throw new OnnxException("has no graph, so it is not an ONNX model");
    }
    ModelProto.Builder rest = proto.toBuilder();
    rest.clearIrVersion().clearGraph().clearOpsetImport().clearMetadataProps();
    Map<String, Long> opsets = opsets(proto);
    Map<String, String> metadata = metadata(proto, rest);
    Graph graph = new GraphDecoder(new WeightCodec(views, external)).graph(proto.getGraph());
    requireOpset(opsets, graph);
    return new Model(
        graph, proto.getIrVersion(), opsets, metadata, Opaque.of(rest.build().toByteArray()));
  }

  private static ModelProto parse(MemorySegment memory, Views views) {
    try {
      long budget = Runtime.getRuntime().maxMemory() / 2;
      return ModelProto.parseFrom(Stripper.strip(memory, views, budget));
    } catch (InvalidProtocolBufferException e) {
      throw new OnnxException("is no ONNX model, or is damaged: " + e.getMessage(), e);
    }
  }

  private static Map<String, Long> opsets(ModelProto proto) {
    Map<String, Long> opsets = new LinkedHashMap<>();
    for (OperatorSetIdProto set : proto.getOpsetImportList()) {
      String domain = Text.domain(set.getDomainBytes());
      Long before = opsets.put(domain, set.getVersion());
      if (before != null && before != set.getVersion()) {
        throw new OnnxException(
            "imports opsets %d and %d of domain '%s'".formatted(before, set.getVersion(), domain));
      }
    }
    return opsets;
  }

  private static void requireOpset(Map<String, Long> opsets, Graph graph) {
    Long version = opsets.get("");
    if (version == null) {
      // Before IR version 3 there was no import: such files mean opset 1.
      version = graph.nodes().stream().map(Node::domain).anyMatch(String::isEmpty) ? 1L : MIN_OPSET;
    }
    if (version < MIN_OPSET || version > MAX_OPSET) {
      throw new OnnxException(
          "uses opset %d, Skein reads %d to %d; convert it with the onnx version converter"
              .formatted(version, MIN_OPSET, MAX_OPSET));
    }
  }

  /** A key that comes twice stays in {@code rest} from its second time on. */
  private static Map<String, String> metadata(ModelProto proto, ModelProto.Builder rest) {
    Map<String, String> metadata = new LinkedHashMap<>();
    for (StringStringEntryProto entry : proto.getMetadataPropsList()) {
      String key = Text.utf8(entry.getKeyBytes(), "a metadata key");
      String value = Text.utf8(entry.getValueBytes(), "the metadata of key '" + key + "'");
      boolean plain = entry.getUnknownFields().getSerializedSize() == 0;
      if (!plain || metadata.putIfAbsent(key, value) != null) {
        rest.addMetadataProps(entry);
      }
    }
    return metadata;
  }
}
