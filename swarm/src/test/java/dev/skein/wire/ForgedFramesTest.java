package dev.skein.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.skein.wire.proto.Messages;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Frames that break the rules are refused by what is wrong with them. */
class ForgedFramesTest extends UnderAttack {
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
      CompletableFuture<Status> end = new CompletableFuture<>();
      ClientCall<byte[], byte[]> call = open(direct, "Frames", end);
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
      ClientCall<byte[], byte[]> call = open(channel, "Frames", new CompletableFuture<>());
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
    ClientCall<byte[], byte[]> half = open(channel, "Frames", new CompletableFuture<>());
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
}
