package dev.skein.member;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jgroups.Address;

/** This node's place in a swarm. Thread-safe. */
public final class Membership implements AutoCloseable {
  private static final int ENTER_MILLIS = 1000;
  private static final int MERGE_MILLIS = 15_000;
  private static final int INTRODUCE_MILLIS = 2000;
  private static final int SETTLE_MILLIS = 5000;

  private final Group group;
  private final Room<Address> room;
  private final Notifier notifier;
  private final HostPort address;

  private Membership(Group group, Room<Address> room, Notifier notifier) {
    this.group = group;
    this.room = room;
    this.notifier = notifier;
    this.address = group.listening();
  }

  /**
   * Joins the swarm, or starts it if there is none and {@code options} name no others to join;
   * returns when this node is in the others' view.
   *
   * @param onChange called in order on one thread of its own with the new list of members whenever
   *     it changes, first with the one this node finds
   * @throws MembershipException if an address, a port or a node to join is not as it must be, or a
   *     live node of the same id is in the swarm
   */
  public static Membership join(
      MemberOptions options, Member self, Consumer<List<Member>> onChange) {
    var _ = new Announcement(self, true).encode(); // too long? then say so now
    InetAddress bind = BindAddress.of(options.bind());
    Seeds seeds = Seeds.of(options, bind);
    try {
      if (seeds.mustFindOthers()) {
        seeds.awaitAny();
      }
      Group group = Group.create(options, bind, seeds, self.name());
      Notifier notifier = new Notifier(onChange);
      Room<Address> room = new Room<>(group.address(), self, group::send, notifier::offer);
      boolean joined = false;
      try {
        group.connect(room::viewed, room::received);
        meet(group, room, options, seeds);
        introduce(room, group.address(), self);
        joined = true;
        return new Membership(group, room, notifier);
      } finally {
        if (!joined) {
          leave(group, room, notifier);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MembershipException("interrupted while joining swarm " + options.swarm(), e);
    }
  }

  /** A node that was told whom to join does not stay alone. */
  private static void meet(Group group, Room<Address> room, MemberOptions options, Seeds seeds)
      throws InterruptedException {
    Predicate<Roster<Address>> met = r -> r.view().size() > (seeds.mustFindOthers() ? 1 : 0);
    // Nodes whose leader has just died may leave a newcomer alone until the groups merge.
    if (!room.await(met, ENTER_MILLIS) && !(group.hearsOthers() && room.await(met, MERGE_MILLIS))) {
      throw new MembershipException(
          "something listens at %s, but it is no node of swarm %s; check address and swarm name"
              .formatted(seeds.shown(), options.swarm()));
    }
  }

  private static void introduce(Room<Address> room, Address address, Member self)
      throws InterruptedException {
    // One that stays silent is likely dead and about to leave the view.
    room.await(roster -> roster.silent().isEmpty(), INTRODUCE_MILLIS);
    Optional<Member> rival = room.roster().rival(address, self.id());
    if (rival.isPresent()) {
      Member other = rival.get();
      throw new MembershipException(
          "node id %s is already in the swarm as %s at %s:%d; stop that one or start this with another --home"
              .formatted(self.id(), other.name(), other.host(), other.port()));
    }
    room.settle();
    room.await(roster -> !roster.unsettled().contains(address), SETTLE_MILLIS);
  }

  /** Those in the swarm, this node included, by name. */
  public List<Member> members() {
    return room.members();
  }

  /** What others give to {@code --join}. */
  public HostPort address() {
    return address;
  }

  /** Leaves the swarm and tells the others; no change is reported after that. */
  @Override
  public void close() {
    leave(group, room, notifier);
  }

  private static void leave(Group group, Room<Address> room, Notifier notifier) {
    notifier.close();
    room.close();
    group.close();
  }
}
