package dev.skein.member;

import static dev.skein.member.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jgroups.BytesMessage;
import org.jgroups.Message;
import org.jgroups.Version;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.PingHeader;
import org.jgroups.protocols.TCPPING;
import org.jgroups.protocols.TP;
import org.jgroups.protocols.TpHeader;
import org.jgroups.stack.IpAddress;
import org.jgroups.util.ByteArrayDataOutputStream;
import org.jgroups.util.SeqnoList;
import org.jgroups.util.Util;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Whatever strangers send to a node's port, small-heap processes of a swarm live on in silence. */
@Execution(ExecutionMode.CONCURRENT)
class GarbageTest {
  private static final String ID = "00000000-0000-0000-0000-00000000000";
  private static final Duration START = Duration.ofSeconds(20);
  private final String swarm = "test-" + UUID.randomUUID();
  private final Random random = new Random(11);

  private interface Writer {
    void to(DataOutputStream out) throws IOException;
  }

  @Test
  void theSwarmLivesOnAndLetsNewcomersIn() throws Exception {
    HostPort seed = NodeProcess.freePort();
    List<Socket> mute = new ArrayList<>();
    try (NodeProcess ann =
            NodeProcess.start(
                List.of(
                    swarm, ID + "1", "ann", Integer.toString(seed.port()), "false", "127.0.0.1"));
        NodeProcess bob = startWhenReady(ann, "2", "bob", seed)) {
      eventually(START, ann, () -> ann.members().equals("ann,bob"));
      for (byte[] attack : attacks()) {
        send(seed, attack);
        send(bob.ready().orElseThrow(), attack);
      }
      for (int i = 0; i < 50; i++) {
        Socket socket = new Socket(seed.host(), seed.port());
        socket.getOutputStream().write("bel".getBytes(StandardCharsets.US_ASCII), 0, i % 4);
        mute.add(socket);
      }
      try (NodeProcess cid = startWhenReady(ann, "3", "cid", seed)) {
        for (NodeProcess node : List.of(ann, bob, cid)) {
          eventually(START, node, () -> node.members().equals("ann,bob,cid"));
        }
        for (NodeProcess node : List.of(ann, bob, cid)) {
          assertThat(node.alive()).isTrue();
          assertThat(node.lines()).allMatch(NodeMain::expected);
          assertThat(node.lines().stream().filter("MEMBERS ann"::equals).count())
              .as("nobody was lost on the way: %s", node)
              .isLessThanOrEqualTo(1);
        }
      }
    } finally {
      for (Socket socket : mute) {
        socket.close();
      }
    }
  }

  private NodeProcess startWhenReady(NodeProcess first, String id, String name, HostPort seed) {
    eventually(START, first, () -> first.ready().isPresent());
    NodeProcess node = NodeProcess.start(swarm, ID + id, name, seed);
    eventually(START, node, () -> node.ready().isPresent());
    return node;
  }

  private static void send(HostPort to, byte[] bytes) throws IOException {
    try (Socket socket = new Socket(to.host(), to.port())) {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
      socket.shutdownOutput();
      socket.setSoTimeout(1000);
      socket.getInputStream().readAllBytes(); // until the node hangs up
    } catch (IOException e) {
      assertThat(e).as("the node answers nothing and hangs up").isInstanceOf(IOException.class);
    }
  }

  private List<byte[]> attacks() throws Exception {
    List<byte[]> attacks = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      byte[] noise = new byte[1 + random.nextInt(100_000)];
      random.nextBytes(noise);
      attacks.add(noise);
      attacks.add(frame(out -> out.write(noise)));
    }
    attacks.add("GET / HTTP/1.1\r\nHost: skein\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    for (int length : new int[] {Integer.MAX_VALUE, Integer.MIN_VALUE, -1, 0, 2, 256 * 1024 + 1}) {
      attacks.add(afterHello(out -> out.writeInt(length)));
    }
    for (int length : new int[] {Integer.MAX_VALUE, 100_000_000, -7}) {
      attacks.add(single(Message.BYTES_MSG, out -> out.writeInt(length)));
      attacks.add(single(Message.NIO_MSG, out -> out.writeInt(length)));
      attacks.add(
          single(
              Message.OBJ_MSG,
              out -> {
                out.writeByte(1);
                out.writeShort(ClassConfigurator.getMagicNumber(SeqnoList.class));
                out.writeInt(length);
                out.writeLong(1);
              }));
      attacks.add(
          frame(out -> {
            out.writeShort(Version.version);
            out.writeByte(1); // a batch
            out.writeShort(0);
            out.writeShort(0);
            out.writeShort(-1);
            out.writeInt(length);
          }));
      attacks.add(discovery(length));
    }
    attacks.add(
        single(
            Message.OBJ_MSG,
            out -> {
              out.writeByte(1);
              out.writeShort(-1);
              out.writeUTF("java.util.concurrent.ConcurrentHashMap");
            }));
    attacks.add(single((short) 31, out -> out.writeInt(1)));
    for (int i = 0; i < 200; i++) {
      byte[] bent = discovery(1).clone();
      int hello = bent.length - 60;
      for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
        bent[Math.max(0, hello) + random.nextInt(bent.length - Math.max(0, hello))] =
            (byte) random.nextInt(256);
      }
      attacks.add(bent);
    }
    return attacks;
  }

  /** A request every node takes from strangers; its payload says it holds so many entries. */
  private byte[] discovery(int entries) throws Exception {
    ByteArrayDataOutputStream payload = new ByteArrayDataOutputStream(16);
    payload.writeInt(entries);
    BytesMessage message = new BytesMessage(null, payload.buffer(), 0, payload.position());
    message.setSrc(Util.createRandomAddress("stranger"));
    message.putHeader(ClassConfigurator.getProtocolId(TP.class), new TpHeader(swarm));
    message.putHeader(
        ClassConfigurator.getProtocolId(TCPPING.class),
        new PingHeader(PingHeader.GET_MBRS_REQ).clusterName(swarm).initialDiscovery(true));
    ByteArrayDataOutputStream bytes = new ByteArrayDataOutputStream(512);
    message.writeTo(bytes);
    return frame(out -> {
      out.writeShort(Version.version);
      out.writeByte(2); // for all
      out.writeShort(message.getType());
      out.write(bytes.buffer(), 0, bytes.position());
    });
  }

  private static byte[] single(short type, Writer payload) throws IOException {
    return frame(out -> {
      out.writeShort(Version.version);
      out.writeByte(2);
      out.writeShort(type);
      out.writeByte(0); // neither destination nor source
      out.writeShort(0); // flags
      out.writeShort(0); // headers
      payload.to(out);
    });
  }

  private static byte[] frame(Writer content) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    content.to(new DataOutputStream(body));
    return afterHello(out -> {
      out.writeInt(body.size());
      body.writeTo(out);
    });
  }

  /** What follows is sent as a peer that the transport takes for one of its own. */
  private static byte[] afterHello(Writer content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    IpAddress self = new IpAddress(InetAddress.getLoopbackAddress(), 9);
    out.writeBytes("bela");
    out.writeShort(Version.version);
    out.writeShort(self.serializedSize());
    self.writeTo(out);
    content.to(out);
    return bytes.toByteArray();
  }
}
