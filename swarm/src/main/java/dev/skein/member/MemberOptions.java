package dev.skein.member;

import java.util.List;

/**
 * How a node joins.
 *
 * @param swarm the swarm's name; nodes of different names do not see each other
 * @param bind an address of this machine, or {@code auto}: its address in the local network if it
 *     has one, else loopback
 * @param port for membership traffic; 0: the first free one from 7700 to 7799
 * @param join nodes of the swarm; at least one must answer, unless this node is itself in the list
 * @param multicast whether to look for nodes in the local network by multicast
 */
public record MemberOptions(
    String swarm, String bind, int port, List<HostPort> join, boolean multicast) {
  public static final int FIRST_PORT = 7700;
  public static final int LAST_PORT = 7799;

  public MemberOptions {
    join = List.copyOf(join);
    if (swarm.isBlank() || swarm.length() > 64 || !Member.isPlain(swarm)) {
      throw new MembershipException(
          "swarm name '" + Member.shown(swarm) + "' is not 1 to 64 printable characters");
    }
    if (port < 0 || port > 65535) {
      throw new MembershipException("port " + port + " is not between 0 and 65535");
    }
  }
}
