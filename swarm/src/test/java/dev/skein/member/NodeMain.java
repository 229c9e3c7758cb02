package dev.skein.member;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A node that does nothing but be a member, for tests with real processes. Says {@code READY
 * HOST:PORT}, then {@code MEMBERS name,name,…} on every change, or {@code ERROR message}. Leaves
 * politely when its input ends.
 */
final class NodeMain {
  private NodeMain() {}

  /** Arguments: swarm, id, name, port, multicast, bind, seed…. */
  public static void main(String[] args) throws IOException {
    List<HostPort> seeds = Arrays.stream(args).skip(6).map(HostPort::parse).toList();
    MemberOptions options =
        new MemberOptions(
            args[0], args[5], Integer.parseInt(args[3]), seeds, Boolean.parseBoolean(args[4]));
    Member self = new Member(args[1], args[2], "127.0.0.1", 9000, Map.of("cores", "2"));
    try (Membership membership =
        Membership.join(
            options, self, members -> System.out.println("MEMBERS " + names(members)))) {
      System.out.println("READY " + membership.address());
      while (System.in.read() >= 0) {
        // until the end
      }
    } catch (MembershipException e) {
      System.out.println("ERROR " + e.getMessage());
    }
  }

  /** Whether a line is one this program may print. */
  static boolean expected(String line) {
    return line.startsWith("MEMBERS ") || line.startsWith("READY ") || line.startsWith("ERROR ");
  }

  static String names(List<Member> members) {
    return members.stream().map(Member::name).collect(Collectors.joining(","));
  }
}
