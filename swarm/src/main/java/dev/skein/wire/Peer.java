package dev.skein.wire;

import com.google.protobuf.UnsafeByteOperations;
import dev.skein.wire.proto.Messages;
import dev.skein.wire.proto.NodeGrpc;
import io.grpc.Deadline;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Client side of one other node; thread-safe. It connects when first used and again after a
 * failure. Every call fails with a {@link PeerException} once its deadline has passed.
 */
public final class Peer implements AutoCloseable {
  private final Endpoint endpoint;
  private final Connection connection;

  /**
   * Blobs have a connection of their own: a disk that is slow to write them holds up no answers.
   */
  private final Connection bulk;

  private Peer(Endpoint endpoint, Link link) {
    this.endpoint = endpoint;
    this.connection = new Connection(endpoint, link);
    this.bulk = new Connection(endpoint, link);
  }

  public static Peer connect(Endpoint endpoint, Link link) {
    return new Peer(endpoint, link);
  }

  public Endpoint endpoint() {
    return endpoint;
  }

  /**
   * Round trip in milliseconds, with a payload of that many bytes one way.
   *
   * @param payloadBytes 0 to 1 MiB
   */
  public double ping(int payloadBytes, Duration deadline) {
    if (payloadBytes < 0 || payloadBytes > WireLimits.PING_BYTES) {
      throw new IllegalArgumentException(
          "payload of %d bytes is not in 0..%d".formatted(payloadBytes, WireLimits.PING_BYTES));
    }
    Messages.PingRequest request =
        Messages.PingRequest.newBuilder()
            .setPayload(UnsafeByteOperations.unsafeWrap(new byte[payloadBytes]))
            .build();
    return call(
        "ping",
        deadline,
        stub -> {
          long start = System.nanoTime();
          Messages.PingReply _ = stub.ping(request);
          return (System.nanoTime() - start) / 1e6;
        });
  }

  public DeviceReport describe(Duration deadline) {
    return call(
        "describe",
        deadline,
        stub -> {
          Messages.DeviceReport reply =
              stub.describe(Messages.DescribeRequest.getDefaultInstance());
          return Bounds.checked("device report", () -> Codec.read(reply));
        });
  }

  public Prepared prepare(PrepareRequest request, Duration deadline) {
    return call(
        "prepare",
        deadline,
        stub -> {
          Messages.Prepared reply = stub.prepare(Codec.write(request));
          return Bounds.checked("reply to prepare", () -> Codec.read(reply));
        });
  }

  /** Ends a deployment at the node, and the streams of its frames to there. */
  public void release(String deployment, Duration deadline) {
    endStreams(deployment);
    Messages.ReleaseReply _ =
        call(
            "release",
            deadline,
            stub ->
                stub.release(
                    Messages.ReleaseRequest.newBuilder().setDeployment(deployment).build()));
  }

  /**
   * Sends a frame and returns when the node has accepted it, which takes a round trip beyond the
   * transfer: who wants frames to follow each other closely sends from several threads. Frames of
   * one stage of one deployment arrive in the order in which they are sent; frames of different
   * ones do not wait for each other. After a failure that is {@link PeerException#retryable} the
   * frame may still have been accepted.
   *
   * @return bytes sent
   */
  public long send(Frame frame, Duration deadline) {
    List<Messages.Piece> pieces = FrameCodec.pieces(frame);
    try {
      connection.stream(frame.header().deployment(), frame.header().stage())
          .send(pieces, grpc(deadline));
    } catch (StatusException e) {
      throw Failures.of(endpoint, "frame", deadline, e);
    }
    return pieces.getFirst().getSerializedSize() + frame.bytes();
  }

  /** Lets go of a deployment's streams to this node, as a stage does that is released itself. */
  public void endStreams(String deployment) {
    connection.finishStreams(deployment);
  }

  public boolean has(String sha256, Duration deadline) {
    Messages.BlobName name = Messages.BlobName.newBuilder().setSha256(sha256).build();
    return call("has", deadline, stub -> stub.has(name).getHeld());
  }

  /**
   * A blob from an offset on, as it arrives.
   *
   * @param deadline for all of it
   */
  public BlobStream fetch(String sha256, long offset, Duration deadline) {
    Messages.BlobRange range =
        Messages.BlobRange.newBuilder().setSha256(sha256).setOffset(offset).build();
    return call(
        bulk,
        "fetch",
        deadline,
        stub -> {
          BlockingClientCall<?, Messages.BlobPiece> pieces = stub.fetch(range);
          return new BlobStream(pieces, e -> Failures.of(endpoint, "fetch", deadline, e));
        });
  }

  /** Breaks off whatever is under way. */
  @Override
  public void close() {
    connection.close();
    bulk.close();
  }

  @Override
  public String toString() {
    return endpoint.toString();
  }

  private interface Call<T> {
    T on(NodeGrpc.NodeBlockingV2Stub stub) throws StatusException;
  }

  private <T> T call(String what, Duration deadline, Call<T> call) {
    return call(connection, what, deadline, call);
  }

  private <T> T call(Connection over, String what, Duration deadline, Call<T> call) {
    try {
      return call.on(
          NodeGrpc.newBlockingV2Stub(over.channel())
              .withMaxInboundMessageSize(WireLimits.REPLY_BYTES)
              .withDeadline(grpc(deadline)));
    } catch (StatusException e) {
      throw Failures.of(endpoint, what, deadline, e);
    } catch (WireException e) {
      throw new PeerException(endpoint + ": " + e.getMessage(), false, e);
    }
  }

  private static Deadline grpc(Duration deadline) {
    return Deadline.after(deadline.toNanos(), TimeUnit.NANOSECONDS);
  }
}
