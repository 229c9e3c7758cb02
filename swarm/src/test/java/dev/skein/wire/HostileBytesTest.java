package dev.skein.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.skein.graph.Cut;
import dev.skein.graph.Segment;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import dev.skein.tensor.TensorSpec;
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
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Strangers and broken peers: a node refuses them, logs no stack trace and goes on. */
@Timeout(60)
class HostileBytesTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final String SHA = "ab".repeat(32);
  private static final long FRAME_LIMIT = 8L << 20;

  private final RecordingNode node = new RecordingNode();
  private final WireServer server =
      WireServer.start(
          new InetSocketAddress("127.0.0.1", 0),
          Link.NONE,
          new WireLimits(FRAME_LIMIT, FRAME_LIMIT),
          node);
  private final Peer peer = Peer.connect(new Endpoint("127.0.0.1", server.port()), Link.NONE);
  private final ManagedChannel channel =
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

  /** Sends messages as raw bytes and returns how the call ended. */
  private Status call(String method, List<byte[]> messages) throws Exception {
    ClientCall<byte[], byte[]> call =
        channel.newCall(
            MethodDescriptor.newBuilder(RAW, RAW)
                .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                .setFullMethodName("skein.wire.v1.Node/" + method)
                .build(),
            CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS));
    CompletableFuture<Status> end = new CompletableFuture<>();
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        new Metadata());
    call.request(1000);
    messages.forEach(call::sendMessage);
    call.halfClose();
    return end.get(20, TimeUnit.SECONDS);
  }

  private static List<byte[]> pieces(Frame frame) {
    return new ArrayList<>(
        FrameCodec.pieces(frame).stream().map(Messages.Piece::toByteArray).toList());
  }

  private static byte[] head(Messages.FrameHead.Builder head) {
    return Messages.Piece.newBuilder().setHead(head).build().toByteArray();
  }

  private static byte[] chunk(int bytes) {
    return Messages.Piece.newBuilder()
        .setChunk(ByteString.copyFrom(new byte[bytes]))
        .build()
        .toByteArray();
  }

  private static Messages.FrameHead.Builder announcing(long bytes, long... dims) {
    Messages.TensorSpec.Builder spec = Messages.TensorSpec.newBuilder().setType(1);
    for (long dim : dims) {
      spec.addDims(dim);
    }
    return Messages.FrameHead.newBuilder()
        .setDeployment("d")
        .addTensors(Messages.TensorHead.newBuilder().setName("x").setSpec(spec).setBytes(bytes));
  }

  private void refused(String why, byte[]... messages) throws Exception {
    Status status = call("Frames", List.of(messages));
    assertThat(status.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(status.getDescription()).contains(why).doesNotContain("\n");
  }

  @Test
  void framesThatBreakTheRulesAreRefusedByName() throws Exception {
    refused("before any head", chunk(4));
    refused("no message of Skein", new byte[] {8, -1});
    refused("neither head nor chunk", new byte[0]);
    refused("not of 1..65536 bytes", head(announcing(1 << 20, 1 << 18)), chunk(65_537));
    refused("not of 1..65536 bytes", head(announcing(4, 1)), new byte[] {0x12, 0});
    refused("not as long as it says", head(announcing(4, 1)), new byte[] {0x12, 4, 1, 2});
    refused("more than its 4 bytes", head(announcing(4, 1)), chunk(5));
    refused("middle of a frame", head(announcing(8, 2)), chunk(4));
    refused("before the frame in front", head(announcing(8, 2)), chunk(4), head(announcing(8, 2)));
    refused("announces 9 bytes, but float[2] takes 8", head(announcing(9, 2)));
    refused("above the limit of 8388608", head(announcing(4L << 40, 1L << 40)));
    refused("too many elements", head(announcing(8, 1L << 40, 1L << 40)));
    refused("negative axis", head(announcing(8, -2)));
    refused("axes are above the limit of 32", head(announcing(4, new long[33])));
    refused("no fixed size", head(announcing(8, 1).setTensors(0, tensor("x", 8, 8))));
    refused(
        "unknown tensor element type 99", head(announcing(8, 1).setTensors(0, tensor("x", 99, 8))));
    refused(
        "comes twice",
        head(
            announcing(0, 0)
                .addTensors(
                    tensor("x", 1, 0).toBuilder()
                        .setSpec(Messages.TensorSpec.newBuilder().setType(1).addDims(0)))));
    refused("name of 0 characters", head(announcing(0, 0).addTensors(tensor("", 1, 4))));
    refused("name of 513 characters", head(announcing(0, 0).setDeployment("x".repeat(513))));
    refused("attempt of -1", head(announcing(0, 0).setAttempt(-1)));
    refused(
        "queue time of NaN",
        head(
            announcing(0, 0)
                .addTimings(
                    Messages.StageTiming.newBuilder().setNode("a").setQueueMillis(Double.NaN))));
    Messages.FrameHead.Builder many = Messages.FrameHead.newBuilder().setDeployment("d");
    for (int i = 0; i < 65; i++) {
      many.addTensors(tensor("t" + i, 1, 4));
    }
    refused("65 tensors are above the limit of 64", head(many));
    assertThat(node.frames).isEmpty();
  }

  private static Messages.TensorHead tensor(String name, int type, long bytes) {
    return Messages.TensorHead.newBuilder()
        .setName(name)
        .setSpec(Messages.TensorSpec.newBuilder().setType(type).addDims(1))
        .setBytes(bytes)
        .build();
  }

  @Test
  void senderThatDoesNotWaitForAnswersIsCutOff() throws Exception {
    RecordingNode busy = new RecordingNode(1);
    try (WireServer second = WireServer.start("127.0.0.1", 0, Link.NONE, busy)) {
      ManagedChannel direct =
          NettyChannelBuilder.forAddress("127.0.0.1", second.port()).usePlaintext().build();
      ClientCall<byte[], byte[]> call =
          direct.newCall(
              MethodDescriptor.newBuilder(RAW, RAW)
                  .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                  .setFullMethodName("skein.wire.v1.Node/Frames")
                  .build(),
              CallOptions.DEFAULT);
      CompletableFuture<Status> end = new CompletableFuture<>();
      call.start(
          new ClientCall.Listener<>() {
            @Override
            public void onClose(Status status, Metadata trailers) {
              end.complete(status);
            }
          },
          new Metadata());
      call.request(10);
      for (int i = 0; i < 10; i++) {
        call.sendMessage(pieces(WireTest.frame("d", i)).getFirst());
      }
      assertThat(end.get(10, TimeUnit.SECONDS).getDescription()).contains("without waiting");
      direct.shutdownNow();
    }
  }

  @Test
  void claimsWithoutDataTakeNoMemory() throws Exception {
    List<ClientCall<byte[], byte[]>> calls = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      ClientCall<byte[], byte[]> call =
          channel.newCall(
              MethodDescriptor.newBuilder(RAW, RAW)
                  .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                  .setFullMethodName("skein.wire.v1.Node/Frames")
                  .build(),
              CallOptions.DEFAULT);
      call.start(new ClientCall.Listener<>() {}, new Metadata());
      call.sendMessage(head(announcing(FRAME_LIMIT, FRAME_LIMIT / 4)));
      calls.add(call);
    }
    // All those claims together are fifty times the budget, and yet there is room.
    peer.send(WireTest.frame("d", 1, WireTest.random(1, FRAME_LIMIT / 4)), SOON);
    assertThat(node.frames.take().bytes()).isEqualTo(FRAME_LIMIT);
    calls.forEach(call -> call.cancel("enough", null));
  }

  @Test
  void tooMuchHalfArrivedDataIsRefusedUntilThereIsRoom() throws Exception {
    ClientCall<byte[], byte[]> half =
        channel.newCall(
            MethodDescriptor.newBuilder(RAW, RAW)
                .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                .setFullMethodName("skein.wire.v1.Node/Frames")
                .build(),
            CallOptions.DEFAULT);
    half.start(new ClientCall.Listener<>() {}, new Metadata());
    half.sendMessage(head(announcing(FRAME_LIMIT, FRAME_LIMIT / 4)));
    half.sendMessage(chunk(1000));
    Frame other = WireTest.frame("d", 1, WireTest.random(1, FRAME_LIMIT / 4));
    String refusal = "";
    for (int i = 0; i < 500 && refusal.isEmpty(); i++) {
      try {
        peer.send(other, SOON);
        Thread.sleep(2);
      } catch (PeerException e) {
        refusal = e.getMessage();
      }
    }
    assertThat(refusal).contains("already take");
    half.cancel("enough", null);
    for (int i = 0; i < 500 && !refusal.isEmpty(); i++) {
      try {
        peer.send(other, SOON);
        refusal = "";
      } catch (PeerException e) {
        Thread.sleep(2);
      }
    }
    assertThat(refusal).isEmpty();
  }

  @Test
  void mutatedMessagesAreRefusedOrHarmless() throws Exception {
    Random random = new Random(20);
    int refused = 0;
    for (int round = 0; round < 2_000; round++) {
      List<byte[]> messages =
          pieces(
              WireTest.frame(
                  "d",
                  round,
                  WireTest.random(round, 1 + random.nextInt(40)),
                  Tensor.ofLongs(Shape.of(2), 1, 2)));
      mutate(messages, random);
      if (!call("Frames", messages).isOk()) {
        refused++;
      }
    }
    assertThat(refused).as("refused of 2000").isBetween(500, 1999);
    Map<String, byte[]> commands =
        Map.of(
            "Prepare", Codec.write(request()).toByteArray(),
            "Release",
                Messages.ReleaseRequest.newBuilder().setDeployment("d").build().toByteArray(),
            "Has", Messages.BlobName.newBuilder().setSha256(SHA).build().toByteArray(),
            "Fetch",
                Messages.BlobRange.newBuilder().setSha256(SHA).setOffset(7).build().toByteArray(),
            "Describe", new byte[] {1, 2, 3},
            "Ping",
                Messages.PingRequest.newBuilder()
                    .setPayload(ByteString.copyFromUtf8("ping"))
                    .build()
                    .toByteArray());
    for (Map.Entry<String, byte[]> command : commands.entrySet()) {
      for (int round = 0; round < 300; round++) {
        List<byte[]> messages = new ArrayList<>(List.of(command.getValue()));
        mutate(messages, random);
        Status status = call(command.getKey(), messages);
        assertThat(status.getCode()).isNotEqualTo(Status.Code.UNKNOWN);
      }
    }
    assertThat(node.prepared).allSatisfy(got -> assertThat(got.stages()).hasSizeBetween(1, 256));
  }

  private static PrepareRequest request() {
    Cut from = new Cut(0, List.of("in"));
    return new PrepareRequest(
        "d",
        "me",
        new Endpoint("h", 1),
        new BlobRef(SHA, 5),
        List.of(
            new Route("a", new Endpoint("h", 2), new Segment(from, new Cut(3, List.of("out"))))),
        0,
        Map.of("in", new TensorSpec(ElementType.FLOAT, Shape.of(1, 3))),
        2);
  }

  /** One to three changes: bits, lengths, order, repetition, loss, noise. */
  private static void mutate(List<byte[]> messages, Random random) {
    for (int i = 0; i <= random.nextInt(3); i++) {
      int at = random.nextInt(messages.size());
      byte[] message = messages.get(at).clone();
      switch (random.nextInt(7)) {
        case 0 -> {
          if (message.length > 0) {
            message[random.nextInt(message.length)] ^= (byte) (1 << random.nextInt(8));
          }
        }
        case 1 -> message = java.util.Arrays.copyOf(message, random.nextInt(message.length + 1));
        case 2 -> message = java.util.Arrays.copyOf(message, message.length + random.nextInt(20));
        case 3 -> random.nextBytes(message);
        case 4 -> messages.add(at, message);
        case 5 -> message = messages.set(random.nextInt(messages.size()), message);
        default -> {
          if (message.length > 0) {
            message[random.nextInt(message.length)] = (byte) random.nextInt();
          }
        }
      }
      messages.set(at, message);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "noise",
        "http1",
        "tls",
        "preface+noise",
        "preface+huge",
        "preface+grpc2G",
        "silence"
      })
  void strangersOnThePortDoNoHarm(String kind) throws Exception {
    Random random = new Random(kind.hashCode());
    for (int i = 0; i < 20; i++) {
      try (Socket socket = new Socket("127.0.0.1", server.port())) {
        socket.setSoTimeout(200);
        try {
          socket.getOutputStream().write(stranger(kind, random));
          socket.getOutputStream().flush();
          if (i == 0) {
            long answered = socket.getInputStream().skip(100_000);
            assertThat(answered).isLessThan(100_000);
          }
        } catch (IOException e) {
          // Being cut off, or told nothing, is what a stranger must expect.
        }
      }
    }
  }

  private static byte[] stranger(String kind, Random random) {
    byte[] noise = new byte[1 + random.nextInt(5_000)];
    random.nextBytes(noise);
    byte[] preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    byte[] settings = {0, 0, 0, 4, 0, 0, 0, 0, 0};
    return switch (kind) {
      case "noise" -> noise;
      case "http1" -> "GET / HTTP/1.1\r\nHost: node\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
      case "tls" -> join(new byte[] {22, 3, 1, 2, 0, 1, 0, 1, -4, 3, 3}, noise);
      case "preface+noise" -> join(preface, settings, noise);
      case "preface+huge" -> join(preface, settings, new byte[] {-1, -1, -1, 0, 0, 0, 0, 0, 1});
      case "preface+grpc2G" ->
          join(
              preface,
              settings,
              headers(),
              new byte[] {0, 0, 5, 0, 0, 0, 0, 0, 1, 0, 0x7f, -1, -1, -1});
      default -> new byte[0];
    };
  }

  /** A HEADERS frame that opens a call of Frames, with literal, uncompressed fields. */
  private static byte[] headers() {
    String[] fields = {
      ":method", "POST", ":scheme", "http", ":path", "/skein.wire.v1.Node/Frames",
      ":authority", "x", "content-type", "application/grpc", "te", "trailers"
    };
    byte[] block = new byte[0];
    for (int i = 0; i < fields.length; i += 2) {
      byte[] name = fields[i].getBytes(StandardCharsets.US_ASCII);
      byte[] value = fields[i + 1].getBytes(StandardCharsets.US_ASCII);
      block =
          join(
              block,
              new byte[] {0, (byte) name.length},
              name,
              new byte[] {(byte) value.length},
              value);
    }
    return join(new byte[] {0, 0, (byte) block.length, 1, 4, 0, 0, 0, 1}, block);
  }

  private static byte[] join(byte[]... parts) {
    java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  @Test
  void messageAboveTheLimitIsRefused() throws Exception {
    assertThat(call("Ping", List.of(new byte[5 << 20])).getCode())
        .isIn(Status.Code.RESOURCE_EXHAUSTED, Status.Code.CANCELLED);
    assertThatThrownBy(() -> peer.ping((1 << 20) + 1, SOON))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void connectionsBeyondTheLimitAreClosed() throws Exception {
    assertThat(peer.ping(0, SOON)).isPositive();
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < ListeningChannel.CONNECTIONS; i++) {
        sockets.add(new Socket("127.0.0.1", server.port()));
      }
      Socket last = sockets.getLast();
      last.setSoTimeout(10_000);
      assertThat(last.getInputStream().read()).isEqualTo(-1);
      assertThat(peer.ping(0, SOON)).isPositive();
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }
}
