package dev.skein.lab.experiment;

import dev.skein.demo.Emulated;
import dev.skein.demo.Fleet;
import dev.skein.member.HostPort;
import dev.skein.member.MemberOptions;
import dev.skein.node.Node;
import dev.skein.node.NodeSettings;
import dev.skein.wire.Link;
import dev.skein.worker.Capacity;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** Emulated devices as processes, and a node of this process that uses them. */
record TestSwarm(Fleet fleet, Node requester) implements AutoCloseable {
  /**
   * @param traits of the requester
   */
  static TestSwarm start(List<Emulated> devices, NodeSettings.Traits traits) throws IOException {
    String swarm = "lab-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
    Fleet fleet = Fleet.start(swarm, devices);
    MemberOptions membership =
        new MemberOptions(swarm, "127.0.0.1", 0, List.of(HostPort.parse(fleet.join())), false);
    Node requester =
        Node.start(
            new NodeSettings(
                "requester", Files.createTempDirectory("skein-lab"), membership, traits));
    return new TestSwarm(fleet, requester);
  }

  /** A requester that computes nothing itself and whose link costs nothing. */
  static NodeSettings.Traits onlyAsking() {
    return new NodeSettings.Traits(
        new Capacity(1, 1, 1, Long.MAX_VALUE), Link.NONE, false, 1L << 30);
  }

  @Override
  public void close() {
    requester.close();
    fleet.close();
  }
}
