package dev.skein.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.graph.Cut;
import dev.skein.graph.Segment;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import dev.skein.tensor.TensorSpec;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WireTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final String SHA = "0123456789abcdef".repeat(4);

  private final RecordingNode node = new RecordingNode(1);
  private final WireServer server = WireServer.start("127.0.0.1", 0, Link.NONE, node);
  private final Peer peer = Peer.connect(new Endpoint("127.0.0.1", server.port()), Link.NONE);

  @AfterEach
  void close() {
    peer.close();
    server.close();
  }

  static Frame frame(String deployment, long request, Tensor... tensors) {
    Map<String, Tensor> named = new LinkedHashMap<>();
    for (Tensor tensor : tensors) {
      named.put("value" + named.size(), tensor);
    }
    return new Frame(new FrameHeader(deployment, request, 0, 1, List.of(), null), named);
  }

  static Tensor random(long seed, long... dims) {
    Tensor tensor = Tensor.allocate(ElementType.FLOAT, Shape.of(dims));
    Random random = new Random(seed);
    for (long i = 0; i < tensor.shape().elements(); i++) {
      tensor.data().setAtIndex(Tensor.FLOAT, i, random.nextFloat());
    }
    return tensor;
  }

  @Test
  void commandsArriveAsTheyWereSent() {
    PrepareRequest request =
        new PrepareRequest(
            "d1",
            "me",
            new Endpoint("192.168.0.9", 7700),
            new BlobRef(SHA, 77),
            List.of(
                new Route(
                    "a",
                    new Endpoint("10.0.0.1", 7701),
                    new Segment(new Cut(0, List.of("in")), new Cut(5, List.of("x", "y")))),
                new Route(
                    "b",
                    new Endpoint("fe80::1", 7702),
                    new Segment(new Cut(5, List.of("x", "y")), new Cut(9, List.of("out"))))),
            1,
            Map.of("x", new TensorSpec(ElementType.FLOAT, Shape.of(1, 3, 8, 8))),
            4);

    assertThat(peer.prepare(request, SOON)).isEqualTo(new Prepared(12, 3.5, 1000, 200));
    assertThat(node.prepared.poll()).isEqualTo(request);
    assertThat(peer.describe(SOON)).isEqualTo(node.describe());
    peer.release("d1", SOON);
    assertThat(node.released.poll()).isEqualTo("d1");
    assertThat(peer.ping(1 << 20, SOON)).isPositive();
  }

  @Test
  void frameArrivesWithItsHeaderItsOrderAndItsValues() throws Exception {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("z", random(1, 3, 100, 101));
    tensors.put("empty", Tensor.allocate(ElementType.INT8, Shape.of(0, 4)));
    tensors.put("scalar", Tensor.ofLongs(Shape.of(), -5));
    tensors.put("nibbles", Tensor.allocate(ElementType.UINT4, Shape.of(3)));
    FrameHeader header =
        new FrameHeader("d1", 9, 2, 1, List.of(new StageTiming("a", 0.5, 1.25, 99)), "too hot");

    long sent = peer.send(new Frame(header, tensors), SOON);

    Frame got = node.frames.take();
    assertThat(sent).isGreaterThan(got.bytes());
    assertThat(got.header()).isEqualTo(header);
    assertThat(got.tensors().keySet()).containsExactlyElementsOf(tensors.keySet());
    tensors.forEach((name, tensor) -> {
      assertThat(TensorSpec.of(got.tensors().get(name))).isEqualTo(TensorSpec.of(tensor));
      assertThat(got.tensors().get(name).data().mismatch(tensor.data())).isEqualTo(-1);
    });
  }

  @Test
  void framesOfOneStageKeepTheirOrder() throws Exception {
    try (ExecutorService sender = Executors.newSingleThreadExecutor()) {
      Future<?> sending =
          sender.submit(() -> {
            for (int i = 0; i < 50; i++) {
              peer.send(frame("d1", i, random(i, 1000)), SOON);
            }
          });
      for (int i = 0; i < 50; i++) {
        assertThat(node.frames.take().header().request()).isEqualTo(i);
      }
      sending.get();
    }
  }

  @Test
  void refusedFrameLeavesTheNextOneUnharmed() throws Exception {
    assertThatThrownBy(() -> peer.send(frame("unknown", 1), SOON))
        .isInstanceOfSatisfying(PeerException.class, e -> assertThat(e.retryable()).isFalse())
        .hasMessage(peer + ": no deployment 'unknown' here");
    peer.send(frame("d1", 2), SOON);
    assertThat(node.frames.take().header().request()).isEqualTo(2);
  }

  @Test
  void fullStageHoldsItsSendersBackButNobodyElse() throws Exception {
    try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Long>> stuck =
          java.util.stream.IntStream.range(0, 8)
              .mapToObj(
                  i -> senders.submit(() -> peer.send(frame("d1", i, random(i, 300_000)), SOON)))
              .toList();
      while (stuck.stream().noneMatch(Future::isDone)) {
        Thread.sleep(5);
      }

      assertThat(peer.ping(1 << 20, SOON)).isPositive();
      assertThatThrownBy(() -> peer.send(frame("unknown", 1, random(1, 300_000)), SOON))
          .hasMessageContaining("no deployment");
      assertThat(stuck.stream().filter(Future::isDone)).hasSize(1);

      for (int i = 0; i < 8; i++) {
        assertThat(node.frames.poll(10, TimeUnit.SECONDS)).isNotNull();
      }
      for (Future<Long> sent : stuck) {
        assertThat(sent.get()).isGreaterThan(1_200_000);
      }
    }
  }

  @Test
  void deadlineEndsTheWaitForAFullStage() throws Exception {
    peer.send(frame("d1", 1), SOON);
    assertThatThrownBy(() -> peer.send(frame("d1", 2), Duration.ofMillis(100)))
        .isInstanceOfSatisfying(PeerException.class, e -> assertThat(e.retryable()).isTrue())
        .hasMessageContaining("within 100 ms");
    try (ExecutorService sender = Executors.newSingleThreadExecutor()) {
      Future<?> sending = sender.submit(() -> peer.send(frame("d1", 3), SOON));
      long last = 0;
      while (last != 3) { // the second frame may or may not have slipped in
        last = node.frames.take().header().request();
      }
      sending.get();
    }
  }

  @Test
  void peerIsFoundAgainAfterItWasGone() throws Exception {
    peer.send(frame("d1", 1), SOON);
    int port = server.port();
    server.close();
    assertThatThrownBy(() -> peer.send(frame("d1", 2), SOON))
        .isInstanceOfSatisfying(PeerException.class, e -> assertThat(e.retryable()).isTrue())
        .hasMessageStartingWith("127.0.0.1:" + port + ": ");
    assertThatThrownBy(() -> peer.describe(SOON)).hasMessageContaining("cannot be reached");

    RecordingNode again = new RecordingNode();
    try (WireServer second = WireServer.start("127.0.0.1", port, Link.NONE, again)) {
      assertThat(second.port()).isEqualTo(port);
      peer.send(frame("d1", 3), SOON);
      assertThat(again.frames.take().header().request()).isEqualTo(3);
    }
  }

  @Test
  void portInUseIsNamed() {
    assertThatThrownBy(() -> WireServer.start("127.0.0.1", server.port(), Link.NONE, node))
        .isInstanceOf(WireException.class)
        .hasMessageContaining("127.0.0.1:" + server.port())
        .hasMessageContaining("in use");
  }

  @Test
  void blobComesFromAnOffsetOn() {
    byte[] content = new byte[1_000_000];
    new Random(3).nextBytes(content);
    node.blobs.put(SHA, MemorySegment.ofArray(content));

    assertThat(peer.has(SHA, SOON)).isTrue();
    assertThat(peer.has("f".repeat(64), SOON)).isFalse();
    ByteArrayOutputStream got = new ByteArrayOutputStream();
    try (BlobStream stream = peer.fetch(SHA, 300_001, SOON)) {
      assertThat(stream.total()).isEqualTo(content.length);
      ByteBuffer bytes;
      while ((bytes = stream.next()) != null) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        got.writeBytes(copy);
      }
    }
    assertThat(got.toByteArray())
        .isEqualTo(java.util.Arrays.copyOfRange(content, 300_001, content.length));
    assertThatThrownBy(() -> peer.fetch("f".repeat(64), 0, SOON))
        .isInstanceOfSatisfying(PeerException.class, e -> assertThat(e.retryable()).isFalse())
        .hasMessageContaining("does not hold");
    assertThatThrownBy(() -> peer.fetch(SHA, 1_000_001, SOON)).hasMessageContaining("offset");
    assertThatThrownBy(() -> peer.fetch("../../etc/passwd", 0, SOON))
        .hasMessageContaining("not a SHA-256 address");
  }
}
