package dev.skein.wire;

import com.google.protobuf.UnsafeByteOperations;
import dev.skein.tensor.Tensor;
import dev.skein.tensor.TensorSpec;
import dev.skein.wire.proto.Messages;
import java.util.ArrayList;
import java.util.List;

/** A frame as the pieces that travel, and the head of a frame back. */
final class FrameCodec {
  private FrameCodec() {}

  /** One head, then chunks that are views of the tensors' own memory. */
  static List<Messages.Piece> pieces(Frame frame) {
    Bounds.count("tensors", frame.tensors().size(), WireLimits.TENSORS);
    List<Messages.Piece> pieces = new ArrayList<>();
    pieces.add(Messages.Piece.newBuilder().setHead(head(frame)).build());
    for (Tensor tensor : frame.tensors().values()) {
      for (long at = 0; at < tensor.bytes(); at += WireLimits.CHUNK_BYTES) {
        long length = Math.min(WireLimits.CHUNK_BYTES, tensor.bytes() - at);
        pieces.add(
            Messages.Piece.newBuilder()
                .setChunk(
                    UnsafeByteOperations.unsafeWrap(
                        tensor.data().asSlice(at, length).asByteBuffer()))
                .build());
      }
    }
    return pieces;
  }

  private static Messages.FrameHead head(Frame frame) {
    FrameHeader header = frame.header();
    Messages.FrameHead.Builder out =
        Messages.FrameHead.newBuilder()
            .setDeployment(header.deployment())
            .setRequest(header.request())
            .setAttempt(header.attempt())
            .setStage(header.stage());
    for (StageTiming timing : header.timings()) {
      out.addTimings(
          Messages.StageTiming.newBuilder()
              .setNode(timing.node())
              .setQueueMillis(timing.queueMillis())
              .setComputeMillis(timing.computeMillis())
              .setBytesSent(timing.bytesSent()));
    }
    if (header.failure() != null) {
      out.setFailure(OneLine.of(header.failure()));
    }
    frame
        .tensors()
        .forEach((name, tensor) ->
            out.addTensors(
                Messages.TensorHead.newBuilder()
                    .setName(name)
                    .setSpec(Codec.write(TensorSpec.of(tensor)))
                    .setBytes(tensor.bytes())));
    return out.build();
  }

  static FrameHeader header(Messages.FrameHead in) {
    Bounds.count("stage timings", in.getTimingsCount(), WireLimits.STAGES);
    List<StageTiming> timings = new ArrayList<>();
    for (Messages.StageTiming timing : in.getTimingsList()) {
      timings.add(
          new StageTiming(
              Bounds.name("node", timing.getNode()),
              Bounds.amount("queue time", timing.getQueueMillis()),
              Bounds.amount("compute time", timing.getComputeMillis()),
              Bounds.size("bytes sent", timing.getBytesSent())));
    }
    return new FrameHeader(
        Bounds.name("deployment", in.getDeployment()),
        Bounds.size("request number", in.getRequest()),
        Bounds.number("attempt", in.getAttempt()),
        Bounds.number("stage", in.getStage()),
        timings,
        in.hasFailure() ? OneLine.of(in.getFailure()) : null);
  }
}
