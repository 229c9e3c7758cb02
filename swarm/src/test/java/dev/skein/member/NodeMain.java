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

  /** Arguments: id, name, port, multicast, bind, seed…. */
  public static void main(String[] args) throws IOException {
    List<HostPort> seeds = Arrays.stream(args).skip(5).map(HostPort::parse).toList();
    MemberOptions options =
        new MemberOptions(
            "test", args[4], Integer.parseInt(args[2]), seeds, Boolean.parseBoolean(args[3]));
    Member self = new Member(args[0], args[1], "127.0.0.1", 9000, Map.of("cores", "2"));
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

  static String names(List<Member> members) {
    return members.stream().map(Member::name).collect(Collectors.joining(","));
  }
}
