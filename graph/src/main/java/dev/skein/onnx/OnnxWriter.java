package dev.skein.onnx;

import dev.skein.graph.Model;
import dev.skein.graph.OneLine;
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
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Writes models as ONNX. What {@link OnnxReader} read comes out equal in meaning; two writings of
 * one model are equal to the byte.
 */
public final class OnnxWriter {
  // Protobuf's own limit, less what a Java array cannot hold.
  private static final long MAX_BYTES = Integer.MAX_VALUE - 8;

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
   * beside the target that then takes its place. A model above 2 GiB has its weights beside it, in
   * a file of the same name with {@code .data} behind.
   *
   * @throws OnnxException naming the file
   */
  public static void write(Model model, Path file) {
    write(model, file, MAX_BYTES);
  }

  static void write(Model model, Path file, long maxBytes) {
    try {
      Path target = target(file);
      Inflater whole = whole(model);
      if (whole.size() <= maxBytes) {
        replace(target, whole::write);
        return;
      }
      SideFile side = new SideFile(target.getFileName() + ".data");
      Views views = new Views();
      GraphProto graph =
          new GraphEncoder(views)
              .write(model.graph(), (name, weight, rest) -> side.placeOr(weight, rest, views));
      Inflater slim = new Inflater(proto(model, graph), views);
      requireSize(model, slim, maxBytes);
      replace(target.resolveSibling(side.name()), side::write);
      replace(target, slim::write);
    } catch (IOException e) {
      throw new OnnxException(file + " cannot be written: " + e.getMessage(), e);
    }
  }

  /** What a link points to; never a device or a folder, which a rename would replace. */
  private static Path target(Path file) throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return file.toAbsolutePath();
    }
    if (!Files.isRegularFile(file)) {
      throw new IOException("it is there and is no file");
    }
    return file.toRealPath();
  }

  private interface Content {
    void write(OutputStream out) throws IOException;
  }

  private static void replace(Path target, Content content) throws IOException {
    // Not createTempFile, whose files only their owner may read.
    Path temporary = target.resolveSibling(".skein-" + UUID.randomUUID() + ".part");
    try {
      try (OutputStream out =
          new BufferedOutputStream(
              Files.newOutputStream(
                  temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
        content.write(out);
      }
      if (Files.exists(target)) {
        Files.setPosixFilePermissions(temporary, Files.getPosixFilePermissions(target));
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /**
   * @throws OnnxException if the model is above 2 GiB
   */
  public static byte[] toBytes(Model model) {
    Inflater whole = whole(model);
    requireSize(model, whole, MAX_BYTES);
    return bytes(whole);
  }

  /**
   * Model bytes whose held weights of at least {@code minBytes} are placeholders, and those weights
   * by name: for runtimes that take weights separately. Weights in the bodies of control-flow
   * operators stay inside.
   */
  public static Detached detach(Model model, long minBytes) {
    Map<String, Tensor> detached = new LinkedHashMap<>();
    Views views = new Views();
    GraphProto graph =
        new GraphEncoder(views)
            .write(
                model.graph(),
                (name, weight, rest) -> {
                  if (weight instanceof Weight.Held(Tensor tensor) && tensor.bytes() >= minBytes) {
                    detached.put(name, tensor);
                    return placeholder(tensor, rest);
                  }
                  return WeightCodec.write(weight, rest, views);
                });
    Inflater slim = new Inflater(proto(model, graph), views);
    requireSize(model, slim, MAX_BYTES);
    return new Detached(bytes(slim), detached);
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

  private static Inflater whole(Model model) {
    Views views = new Views();
    Inflater whole =
        new Inflater(proto(model, new GraphEncoder(views).write(model.graph())), views);
    return whole;
  }

  private static void requireSize(Model model, Inflater whole, long maxBytes) {
    if (whole.size() > maxBytes) {
      throw new OnnxException(
          "model %s takes %d bytes, above the 2 GiB of an ONNX file"
              .formatted(OneLine.quote(model.graph().name()), whole.size()));
    }
  }

  private static byte[] bytes(Inflater model) {
    ByteBuffer bytes = ByteBuffer.allocate((int) model.size());
    try {
      model.write(
          new OutputStream() {
            @Override
            public void write(int b) {
              bytes.put((byte) b);
            }

            @Override
            public void write(byte[] from, int offset, int count) {
              bytes.put(from, offset, count);
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail to be written", e);
    }
    return bytes.array();
  }
}
