package dev.skein.onnx;

import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Weight;
import dev.skein.onnx.proto.GraphProto;
import dev.skein.onnx.proto.ModelProto;
import dev.skein.onnx.proto.OperatorSetIdProto;
import dev.skein.onnx.proto.StringStringEntryProto;
import dev.skein.onnx.proto.TensorProto;
import dev.skein.tensor.Tensor;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes models as ONNX. What {@link OnnxReader} read comes out equal in meaning; two writings of
 * one model are equal to the byte.
 */
public final class OnnxWriter {
  // Below 2 GiB by what the structure around the weights may take.
  private static final long MAX_WEIGHT_BYTES = Integer.MAX_VALUE - (64L << 20);

  private OnnxWriter() {}

  /**
   * Model bytes with placeholders for large weights, and those weights.
   *
   * @param model every weight in {@code weights} is external data at the location {@code detached}
   * @param weights by name, in the model's order
   */
  @SuppressWarnings("ArrayRecordComponent") // handed straight to a runtime, never compared
  public record Detached(byte[] model, Map<String, Tensor> weights) {
    public Detached {
      weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    }
  }

  /**
   * Writes a file whole or not at all: weights stream from where they are, into a temporary file
   * beside the target that then takes its place.
   *
   * @throws OnnxException naming the file
   */
  public static void write(Model model, Path file) {
    requireSize(model);
    ModelProto proto = proto(model, GraphEncoder.write(model.graph()));
    Path target = file.toAbsolutePath();
    try {
      Path temporary = Files.createTempFile(target.getParent(), ".skein-", ".onnx");
      try {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(temporary))) {
          proto.writeTo(out);
        }
        Files.move(
            temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      throw new OnnxException(file + " cannot be written: " + e.getMessage(), e);
    }
  }

  /**
   * @throws OnnxException if the model is above 2 GiB
   */
  public static byte[] toBytes(Model model) {
    requireSize(model);
    return proto(model, GraphEncoder.write(model.graph())).toByteArray();
  }

  /**
   * Model bytes whose held weights of at least {@code minBytes} are placeholders, and those weights
   * by name: for runtimes that take weights separately. Weights in the bodies of control-flow
   * operators stay inside.
   */
  public static Detached detach(Model model, long minBytes) {
    Map<String, Tensor> detached = new LinkedHashMap<>();
    var graph =
        GraphEncoder.write(
            model.graph(),
            (name, weight, rest) -> {
              if (weight instanceof Weight.Held(Tensor tensor) && tensor.bytes() >= minBytes) {
                detached.put(name, tensor);
                return placeholder(tensor, rest);
              }
              return WeightCodec.write(weight, rest);
            });
    return new Detached(proto(model, graph).toByteArray(), detached);
  }

  private static TensorProto placeholder(Tensor tensor, TensorProto rest) {
    TensorProto.Builder proto = WeightCodec.describe(rest, tensor.type(), tensor.shape());
    proto.addExternalData(WeightCodec.entry("offset", "0"));
    proto.addExternalData(WeightCodec.entry("length", Long.toString(tensor.bytes())));
    return WeightCodec.externalAt(proto, "detached");
  }

  private static ModelProto proto(Model model, GraphProto graph) {
    ModelProto.Builder proto = Rest.of(model.rest(), ModelProto.parser()).toBuilder();
    if (model.irVersion() != 0) {
      proto.setIrVersion(model.irVersion());
    }
    proto.setGraph(graph);
    model
        .opsets()
        .forEach((domain, version) ->
            proto.addOpsetImport(
                OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version)));
    List<StringStringEntryProto> twice = List.copyOf(proto.getMetadataPropsList());
    proto.clearMetadataProps();
    model.metadata().forEach((key, value) -> proto.addMetadataProps(WeightCodec.entry(key, value)));
    return proto.addAllMetadataProps(twice).build();
  }

  private static void requireSize(Model model) {
    Graph graph = model.graph();
    long bytes = 0;
    for (Weight weight : graph.weights().values()) {
      bytes += weight instanceof Weight.Held ? weight.bytes() : 0;
    }
    if (bytes > MAX_WEIGHT_BYTES) {
      throw new OnnxException(
          "model '%s' has %d bytes of weights, too many for one ONNX file"
              .formatted(graph.name(), bytes));
    }
  }
}
