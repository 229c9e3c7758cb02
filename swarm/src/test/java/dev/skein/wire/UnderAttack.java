package dev.skein.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.wire.proto.Messages;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/** A node whose visitors mean no good: whatever they do, it logs no stack trace and goes on. */
@Timeout(60)
abstract class UnderAttack {
  static final Duration SOON = Duration.ofSeconds(10);
  static final String SHA = "ab".repeat(32);
  static final long FRAME_LIMIT = 8L << 20;

  final RecordingNode node = new RecordingNode();
  final WireServer server =
      WireServer.start(
          new InetSocketAddress("127.0.0.1", 0),
          Link.NONE,
          new WireLimits(FRAME_LIMIT, FRAME_LIMIT),
          node);
  final Peer peer = Peer.connect(new Endpoint("127.0.0.1", server.port()), Link.NONE);
  final ManagedChannel channel =
      NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
  private final ConcurrentLinkedQueue<LogRecord> logged = new ConcurrentLinkedQueue<>();
  private final Handler watcher =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          logged.add(line);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void watch() {
    Logger.getLogger("io").addHandler(watcher);
    node.blobs.put(SHA, MemorySegment.ofArray(new byte[100_000]));
  }

  @AfterEach
  void goesOnAsIfNothingHadHappened() throws Exception {
    Logger.getLogger("io").removeHandler(watcher);
    channel.shutdownNow();
    node.frames.clear();
    assertThat(peer.describe(SOON)).isEqualTo(node.describe());
    // As big as all half-arrived frames together may be: nothing may be left of those.
    Frame good = WireTest.frame("good", 1, WireTest.random(1, FRAME_LIMIT / 4));
    peer.send(good, SOON);
    assertThat(
            node.frames
                .take()
                .tensors()
                .get("value0")
                .data()
                .mismatch(good.tensors().get("value0").data()))
        .isEqualTo(-1);
    peer.close();
    server.close();
    assertThat(logged.stream().map(LogRecord::getMessage)).isEmpty();
  }

  private static final MethodDescriptor.Marshaller<byte[]> RAW =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
          return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            return stream.readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  /** A call on which messages are sent as raw bytes; how it ends is in the future. */
  static ClientCall<byte[], byte[]> open(
      ManagedChannel channel, String method, CompletableFuture<Status> end) {
    ClientCall<byte[], byte[]> call =
        channel.newCall(
            MethodDescriptor.newBuilder(RAW, RAW)
                .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                .setFullMethodName("skein.wire.v1.Node/" + method)
                .build(),
            CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS));
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        new Metadata());
    call.request(1000);
    return call;
  }

  /** Sends these messages and no more, and returns how the call ended. */
  Status call(String method, List<byte[]> messages) throws Exception {
    CompletableFuture<Status> end = new CompletableFuture<>();
    ClientCall<byte[], byte[]> call = open(channel, method, end);
    messages.forEach(call::sendMessage);
    call.halfClose();
    return end.get(20, TimeUnit.SECONDS);
  }

  static List<byte[]> pieces(Frame frame) {
    return new ArrayList<>(
        FrameCodec.pieces(frame).stream().map(Messages.Piece::toByteArray).toList());
  }
}
