package dev.skein.node;

import dev.skein.member.Member;
import dev.skein.state.SwarmEvent;
import dev.skein.state.SwarmState;
import dev.skein.wire.Endpoint;
import dev.skein.wire.Link;
import dev.skein.wire.Peer;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who is here, how to reach them, and what is believed of them. The state and the members change
 * only under this object's lock; listeners are called outside it.
 */
final class Directory implements AutoCloseable {
  private final String self;
  private final PeerTable peers;
  private final Consumer<String> onLeft;
  private final Consumer<String> onJoined;
  private volatile Map<String, Member> members = Map.of();
  private volatile SwarmState state = SwarmState.EMPTY;

  /**
   * @param onLeft told the id of each node that leaves, or comes back as a new process
   * @param onJoined told the id of each other node that comes
   */
  Directory(String self, Link link, Consumer<String> onLeft, Consumer<String> onJoined) {
    this.self = self;
    this.peers = new PeerTable(link);
    this.onLeft = onLeft;
    this.onJoined = onJoined;
  }

  void onView(List<Member> view) {
    Set<String> left = new HashSet<>();
    Set<String> joined = new HashSet<>();
    synchronized (this) {
      Map<String, Member> next = new HashMap<>();
      view.forEach(member -> next.put(member.id(), member));
      for (Member former : members.values()) {
        if (!former.equals(next.get(former.id()))) {
          left.add(former.id());
          peers.close(endpoint(former));
          tell(new SwarmEvent.Left(former.id()));
        }
      }
      for (Member member : view) {
        if (!member.equals(members.get(member.id())) && !member.id().equals(self)) {
          joined.add(member.id());
        }
      }
      members = Map.copyOf(next);
      view.forEach(member -> tell(new SwarmEvent.Joined(member.id(), member.name())));
      notifyAll();
    }
    left.forEach(onLeft);
    joined.forEach(onJoined);
  }

  /** Waits until this node sees itself in the swarm. */
  synchronized void awaitSelf(Duration deadline) throws InterruptedException {
    long end = System.nanoTime() + deadline.toNanos();
    while (!members.containsKey(self)) {
      long millis = (end - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        throw new NodeException("joined the swarm, but heard nothing of it");
      }
      wait(millis);
    }
  }

  synchronized void tell(SwarmEvent event) {
    state = state.apply(event);
  }

  SwarmState state() {
    return state;
  }

  Map<String, Member> members() {
    return members;
  }

  Set<String> others() {
    Set<String> others = new HashSet<>(members.keySet());
    others.remove(self);
    return others;
  }

  Endpoint endpoint(String node) {
    return endpoint(member(node));
  }

  Peer peer(String node) {
    return peers.at(endpoint(node));
  }

  Peer at(Endpoint endpoint) {
    return peers.at(endpoint);
  }

  String name(String node) {
    Member member = members.get(node);
    return member == null ? node : member.name();
  }

  private Member member(String node) {
    @Nullable Member member = members.get(node);
    if (member == null) {
      throw new NodeException("node " + node + " is not in the swarm any more");
    }
    return member;
  }

  private static Endpoint endpoint(Member member) {
    return new Endpoint(member.host(), member.port());
  }

  @Override
  public void close() {
    peers.close();
  }
}
