package dev.skein.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Raw bytes, floods and oversize on the port. */
class StrangersTest extends UnderAttack {
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
    ByteArrayOutputStream all = new ByteArrayOutputStream();
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
