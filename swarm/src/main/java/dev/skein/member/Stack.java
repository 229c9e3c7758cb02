package dev.skein.member;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.MPING;
import org.jgroups.protocols.TCPPING;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.stack.Protocol;
import org.jgroups.util.LazyThreadFactory;

/**
 * The protocols, bottom up. A killed node closes its connections and is gone after one round of
 * verification (0.4 to 0.8 s); one that hangs or is cut off after 2.4 to 3.2 s of silence before
 * that. Groups that lost each other meet again within about 5 s.
 */
final class Stack {
  private static final int HEARTBEAT_MILLIS = 800;
  private static final int SILENCE_MILLIS = 2400;
  private static final int VERIFY_MILLIS = 400;
  private static final String GROUP = "239.83.75.69";
  private static final int GROUP_PORT = 7699;

  private Stack() {}

  /**
   * @param ping from {@link #ping}
   * @param discoveryMillis how long to wait for an answer before starting a swarm alone
   */
  static List<Protocol> of(
      MemberOptions options, InetAddress bind, TCPPING ping, int discoveryMillis)
      throws UnknownHostException {
    List<Protocol> protocols = new ArrayList<>();
    protocols.add(transport(options, bind));
    if (options.multicast()) {
      protocols.add(multicast());
    }
    protocols.add(ping);
    protocols.add(new MERGE3().setMaxInterval(3000).setMinInterval(1000));
    protocols.add(new FD_ALL3().setTimeout(SILENCE_MILLIS).setInterval(HEARTBEAT_MILLIS));
    protocols.add(new VERIFY_SUSPECT2().setTimeout(VERIFY_MILLIS));
    NAKACK2 multicasts =
        new NAKACK2().setXmitInterval(500).setXmitTableNumRows(5).setXmitTableMsgsPerRow(128);
    multicasts.useMcastXmit(false);
    protocols.add(multicasts);
    protocols.add(
        new UNICAST3().setXmitInterval(500).setXmitTableNumRows(5).setXmitTableMsgsPerRow(128));
    protocols.add(new STABLE().setDesiredAverageGossip(30_000));
    GMS groups = new GMS().joinTimeout(discoveryMillis).setMaxJoinAttempts(0);
    groups.printLocalAddress(false).setLeaveTimeout(1000).setViewAckCollectionTimeout(1000);
    protocols.add(groups);
    protocols.forEach(p -> p.enableStats(false));
    return protocols;
  }

  /** Looks for nodes at the given addresses, and later at those where there once was one. */
  static TCPPING ping(List<InetSocketAddress> seeds) {
    TCPPING ping = new TCPPING();
    ping.setInitialHosts(seeds).portRange(0).numDiscoveryRuns(2);
    ping.asyncDiscoveryUseSeparateThread(true);
    ping.returnEntireCache(true); // a seed that does not lead the group must say who does
    return ping;
  }

  private static BoundedTcp transport(MemberOptions options, InetAddress bind)
      throws UnknownHostException {
    boolean any = options.port() == 0;
    BoundedTcp tcp = new BoundedTcp();
    tcp.setBindAddress(bind)
        .setBindPort(any ? MemberOptions.FIRST_PORT : options.port())
        .setPortRange(any ? MemberOptions.LAST_PORT - MemberOptions.FIRST_PORT : 0)
        .setBundlerType("no-bundler")
        .setTimeServiceInterval(10_000);
    // Not virtual: native inference that holds every carrier thread must not silence the heartbeat.
    tcp.useVirtualThreads(false).setThreadFactory(new LazyThreadFactory("member", true, true));
    tcp.setSocketFactory(new Door.Factory());
    tcp.setBufferedInputStreamSize(4096).setBufferedOutputStreamSize(4096);
    tcp.setSockConnTimeout(500).setPeerAddrReadTimeout(500).tcpNodelay(true).logDetails(false);
    tcp.enableSuspectEvents(true);
    tcp.getThreadPool().setThreadDumpsEnabled(false);
    return tcp;
  }

  private static MPING multicast() throws UnknownHostException {
    MPING ping = new MPING();
    ping.setMulticastAddress(GROUP).setMcastPort(GROUP_PORT).setTTL(1).numDiscoveryRuns(2);
    return ping;
  }
}
