package dev.skein.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.skein.wire.proto.Messages;
import dev.skein.wire.proto.NodeGrpc;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever the other side does, a call ends in time with one line. */
@Timeout(30)
class UnreliablePeerTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Duration SHORT = Duration.ofMillis(300);
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable closeable : open.reversed()) {
      closeable.close();
    }
  }

  private Peer peer(int port) {
    Peer peer = Peer.connect(new Endpoint("127.0.0.1", port), Link.NONE);
    open.add(peer);
    return peer;
  }

  private Peer peerServedBy(BindableService service) throws IOException {
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .addService(service)
            .build()
            .start();
    open.add(server::shutdownNow);
    return peer(server.getPort());
  }

  private static void assertOneLine(PeerException failure) {
    assertThat(failure.getMessage())
        .startsWith("127.0.0.1:")
        .doesNotContain("\n")
        .hasSizeLessThan(700);
  }

  @Test
  void nobodyThere() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    assertThatThrownBy(() -> peer(port).describe(SOON))
        .isInstanceOfSatisfying(PeerException.class, e -> assertThat(e.retryable()).isTrue())
        .hasMessageContaining("cannot be reached (Connection refused");
  }

  @Test
  void unknownHost() {
    try (Peer peer = Peer.connect(new Endpoint("no-such-host.invalid", 7700), Link.NONE)) {
      assertThatThrownBy(() -> peer.describe(SOON))
          .isInstanceOfSatisfying(PeerException.class, e -> assertThat(e.retryable()).isTrue())
          .hasMessageContaining("no-such-host.invalid:7700: cannot be reached (");
    }
  }

  @Test
  void somebodyWhoIsSilentOrTalksNonsense() throws IOException {
    for (byte[] words : List.of(new byte[0], new byte[10_000])) {
      new Random(1).nextBytes(words);
      ServerSocket listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
      open.add(listener);
      Thread.startVirtualThread(() -> {
        try {
          while (true) {
            Socket socket = listener.accept();
            socket.getOutputStream().write(words);
          }
        } catch (IOException e) {
          // The test is over.
        }
      });
      Peer peer = peer(listener.getLocalPort());
      for (Runnable call :
          List.<Runnable>of(
              () -> peer.describe(SHORT),
              () -> peer.send(WireTest.frame("d", 1, WireTest.random(1, 1_000_000)), SHORT),
              () -> peer.fetch("ab".repeat(32), 0, SHORT))) {
        assertThatThrownBy(call::run)
            .isInstanceOfSatisfying(
                PeerException.class,
                e -> {
                  assertOneLine(e);
                  assertThat(e)
                      .hasMessageContaining(
                          words.length == 0
                              ? "within 300 ms"
                              : "does not talk like a Skein node (");
                  assertThat(e.retryable()).isEqualTo(words.length == 0);
                });
      }
    }
  }

  @Test
  void nodeWhoseAnswersCannotBe() throws IOException {
    Peer peer =
        peerServedBy(
            new NodeGrpc.NodeImplBase() {
              @Override
              public void describe(
                  Messages.DescribeRequest request, StreamObserver<Messages.DeviceReport> reply) {
                reply.onNext(
                    Messages.DeviceReport.newBuilder()
                        .setNode("n")
                        .setReferenceMillis(Double.NaN)
                        .build());
                reply.onCompleted();
              }

              @Override
              public StreamObserver<Messages.Piece> frames(StreamObserver<Messages.Ack> reply) {
                for (int i = 0; i < 10; i++) {
                  reply.onNext(Messages.Ack.getDefaultInstance());
                }
                return new Ignoring();
              }

              @Override
              public void fetch(
                  Messages.BlobRange range, StreamObserver<Messages.BlobPiece> reply) {
                reply.onNext(
                    Messages.BlobPiece.newBuilder()
                        .setData(ByteString.copyFrom(new byte[2 << 20]))
                        .build());
                reply.onCompleted();
              }
            });
    assertThatThrownBy(() -> peer.describe(SOON))
        .isInstanceOf(PeerException.class)
        .hasMessageContaining("reference time of NaN cannot be");
    assertThatThrownBy(() -> peer.send(WireTest.frame("d", 1, WireTest.random(1, 1 << 20)), SHORT))
        .isInstanceOf(PeerException.class);
    assertThatThrownBy(() -> peer.fetch("ab".repeat(32), 0, SOON))
        .isInstanceOf(PeerException.class)
        .hasMessageContaining("exceeds maximum size");
    assertThatThrownBy(() -> peer.has("ab".repeat(32), SOON))
        .isInstanceOf(PeerException.class)
        .hasMessageContaining("another version of Skein");
  }

  private static final class Ignoring implements StreamObserver<Messages.Piece> {
    @Override
    public void onNext(Messages.Piece piece) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }

  @Test
  void serviceThatFailsIsToldInOneLine() {
    WireServer server =
        WireServer.start(
            "127.0.0.1",
            0,
            Link.NONE,
            new RecordingNode() {
              @Override
              public DeviceReport describe() {
                throw new IllegalStateException("first line\nsecond line " + "x".repeat(10_000));
              }

              @Override
              public Prepared prepare(PrepareRequest request) {
                throw new StackOverflowError();
              }

              @Override
              public void accept(Frame frame) {
                throw new UnsupportedOperationException();
              }
            });
    open.add(server);
    Peer peer = peer(server.port());
    assertThatThrownBy(() -> peer.describe(SOON))
        .isInstanceOfSatisfying(PeerException.class, UnreliablePeerTest::assertOneLine)
        .hasMessageContaining("first line second line xxx");
    assertThatThrownBy(() -> peer.send(WireTest.frame("d", 1), SOON))
        .isInstanceOf(PeerException.class)
        .hasMessageContaining("UnsupportedOperationException");
  }

  @Test
  void closingAPeerEndsEveryWaitOnIt() throws Exception {
    RecordingNode busy = new RecordingNode(1);
    WireServer server = WireServer.start("127.0.0.1", 0, Link.NONE, busy);
    open.add(server);
    Peer peer = peer(server.port());
    peer.send(WireTest.frame("d", 0), SOON);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Long>> stuck = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        stuck.add(
            threads.submit(
                () -> peer.send(WireTest.frame("d", 1, WireTest.random(1, 100_000)), SOON)));
      }
      assertThat(peer.ping(0, SOON)).isPositive();
      peer.close();
      for (Future<Long> send : stuck) {
        assertThatThrownBy(send::get)
            .isInstanceOf(ExecutionException.class)
            .hasCauseInstanceOf(PeerException.class);
      }
    }
    assertThatThrownBy(() -> peer.ping(0, SOON)).hasMessageContaining("this side closed");
  }

  @Test
  void interruptEndsASend() throws Exception {
    RecordingNode busy = new RecordingNode(1);
    WireServer server = WireServer.start("127.0.0.1", 0, Link.NONE, busy);
    open.add(server);
    Peer peer = peer(server.port());
    peer.send(WireTest.frame("d", 0), SOON);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Long> stuck = threads.submit(() -> peer.send(WireTest.frame("d", 1), SOON));
      assertThat(peer.ping(0, SOON)).isPositive();
      threads.shutdownNow();
      assertThatThrownBy(stuck::get).hasCauseInstanceOf(PeerException.class);
    }
  }

  @Test
  void manyStagesOfOnePeerAreServedOverFewStreams() throws Exception {
    RecordingNode node = new RecordingNode();
    WireServer server = WireServer.start("127.0.0.1", 0, Link.NONE, node);
    open.add(server);
    Peer peer = peer(server.port());
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 300; i++) {
        peer.send(WireTest.frame("d" + i, i), SOON);
        assertThat(node.frames.take().header().deployment()).isEqualTo("d" + i);
      }
    }
    peer.endStreams("d299");
    peer.send(WireTest.frame("d299", 7), SOON);
    assertThat(node.frames.take().header().request()).isEqualTo(7);
  }
}
