package dev.skein.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whole connections over emulated links. Only lower bounds of times are asserted. */
@Timeout(60)
class LinkTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  private final RecordingNode node = new RecordingNode();
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable closeable : open.reversed()) {
      closeable.close();
    }
  }

  private Peer connect(Link serverLink, Link clientLink) {
    WireServer server = WireServer.start("127.0.0.1", 0, serverLink, node);
    open.add(server);
    Peer peer = Peer.connect(new Endpoint("127.0.0.1", server.port()), clientLink);
    open.add(peer);
    return peer;
  }

  private double millisToSend(Peer peer, int floats) throws Exception {
    peer.send(WireTest.frame("d1", 0), SOON);
    node.frames.take();
    Frame frame = WireTest.frame("d1", 1, WireTest.random(1, floats));
    long start = System.nanoTime();
    peer.send(frame, SOON);
    double millis = (System.nanoTime() - start) / 1e6;
    assertThat(
            node.frames
                .take()
                .tensors()
                .get("value0")
                .data()
                .mismatch(frame.tensors().get("value0").data()))
        .isEqualTo(-1);
    return millis;
  }

  @Test
  void senderIsHeldToItsRate() throws Exception {
    // 100,000 floats at 1 MB/s.
    assertThat(millisToSend(connect(Link.NONE, Link.parse("8mbit")), 100_000)).isGreaterThan(390);
  }

  @Test
  void receiverIsHeldToItsRate() throws Exception {
    assertThat(millisToSend(connect(Link.parse("8mbit"), Link.NONE), 100_000)).isGreaterThan(390);
  }

  @Test
  void delaysOfBothEndsAddUp() throws Exception {
    Peer peer = connect(Link.parse("20ms"), Link.parse("10ms"));
    assertThat(millisToSend(peer, 10)).isGreaterThan(59);
    assertThat(LinkProbe.measure(peer).latencyMillis()).isGreaterThan(29);
  }

  @Test
  void lossAndJitterDamageNothing() throws Exception {
    Peer peer = connect(Link.parse("1ms~1ms,2%"), Link.parse("400mbit,1ms~1ms,2%"));
    for (int i = 0; i < 5; i++) {
      assertThat(millisToSend(peer, 500_000)).isPositive();
    }
  }

  @Test
  void connectionsOfOneDeviceShareItsLink() throws Exception {
    Link slow = Link.parse("8mbit");
    Peer one = connect(Link.NONE, slow);
    Peer two = connect(Link.NONE, slow);
    try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
      long start = System.nanoTime();
      List<Future<Long>> sent =
          List.of(
              senders.submit(
                  () -> one.send(WireTest.frame("d1", 1, WireTest.random(1, 50_000)), SOON)),
              senders.submit(
                  () -> two.send(WireTest.frame("d1", 2, WireTest.random(2, 50_000)), SOON)));
      for (Future<Long> frame : sent) {
        assertThat(frame.get()).isGreaterThan(200_000);
      }
      assertThat((System.nanoTime() - start) / 1e6).isGreaterThan(390);
    }
  }

  @Test
  void probeSeesTheRate() {
    LinkMeasure measure = LinkProbe.measure(connect(Link.NONE, Link.parse("20mbit,2ms")));
    assertThat(measure.latencyMillis()).isGreaterThan(1.9);
    assertThat(measure.bytesPerSecond()).isBetween(1e5, 20e6 / 8 * 1.05);
    assertThat(LinkProbe.measure(connect(Link.NONE, Link.NONE)).bytesPerSecond())
        .isGreaterThan(1e6);
  }
}
