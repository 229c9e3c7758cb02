package dev.skein.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.skein.graph.Cut;
import dev.skein.graph.Segment;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import dev.skein.tensor.TensorSpec;
import dev.skein.wire.proto.Messages;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Seeded fuzz of thousands of damaged messages through a real server. */
class MutatedMessagesTest extends UnderAttack {
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
        case 1 -> message = Arrays.copyOf(message, random.nextInt(message.length + 1));
        case 2 -> message = Arrays.copyOf(message, message.length + random.nextInt(20));
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
}
