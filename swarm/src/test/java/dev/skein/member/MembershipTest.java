package dev.skein.member;

import static dev.skein.member.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MembershipTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private final String swarm = "test-" + UUID.randomUUID();
  private final List<Membership> open = new ArrayList<>();

  @AfterEach
  void leave() {
    open.reversed().forEach(Membership::close);
  }

  private static Member member(String name) {
    return new Member(UUID.randomUUID().toString(), name, "127.0.0.1", 9000, Map.of("os", "Linux"));
  }

  private MemberOptions options(HostPort... seeds) {
    return new MemberOptions(swarm, "127.0.0.1", 0, List.of(seeds), false);
  }

  private Membership join(Member self, HostPort... seeds) {
    Membership membership = Membership.join(options(seeds), self, _ -> {});
    open.add(membership);
    return membership;
  }

  @Test
  void everyoneKnowsEveryoneWithTheirFacts() {
    Member bob = member("bob");
    Member ann = member("ann");
    Membership first = join(bob);
    assertThat(first.members()).containsExactly(bob);
    Membership second = join(ann, first.address());
    assertThat(second.members()).containsExactly(ann, bob);
    eventually(SOON, first, () -> first.members().equals(List.of(ann, bob)));
  }

  @Test
  void nodesFindEachOtherByMulticast() {
    MemberOptions options = new MemberOptions(swarm, "127.0.0.1", 0, List.of(), true);
    for (String name : List.of("ann", "bob", "cid")) {
      open.add(Membership.join(options, member(name), _ -> {}));
    }
    for (Membership node : open) {
      eventually(SOON, node, () -> node.members().size() == 3);
    }
  }

  @Test
  void swarmsOfDifferentNamesDoNotMix() {
    Membership mine = join(member("ann"));
    MemberOptions other =
        new MemberOptions("other-" + swarm, "127.0.0.1", 0, List.of(mine.address()), false);
    assertThatThrownBy(() -> Membership.join(other, member("bob"), _ -> {}))
        .isInstanceOf(MembershipException.class)
        .hasMessageContaining(mine.address().toString())
        .hasMessageContaining("no node of swarm other-");
    assertThat(mine.members()).hasSize(1);
  }

  @Test
  void changesAreToldInOrderAndASlowListenerHoldsUpNobody() {
    List<String> heard = new CopyOnWriteArrayList<>();
    CountDownLatch release = new CountDownLatch(1);
    Membership first =
        Membership.join(
            options(),
            member("a"),
            members -> {
              try {
                release.await();
              } catch (InterruptedException e) {
                return;
              }
              heard.add(NodeMain.names(members));
            });
    open.add(first);
    Membership second = join(member("b"), first.address());
    eventually(SOON, first, () -> first.members().size() == 2);
    second.close();
    eventually(SOON, first, () -> first.members().size() == 1);
    join(member("c"), first.address());
    eventually(SOON, first, () -> first.members().size() == 2);
    release.countDown();
    eventually(SOON, heard, () -> heard.equals(List.of("a", "a,b", "a", "a,c")));
  }

  @Test
  void aListenerThatFailsHearsTheNextChange() {
    List<String> heard = new CopyOnWriteArrayList<>();
    Membership first =
        Membership.join(
            options(),
            member("a"),
            members -> {
              heard.add(NodeMain.names(members));
              throw new IllegalStateException("on purpose");
            });
    open.add(first);
    join(member("b"), first.address());
    eventually(SOON, heard, () -> heard.equals(List.of("a", "a,b")));
  }

  @Test
  void aSecondLiveNodeOfOneIdIsSentAwayAndTheElderStays() {
    Member ann = member("ann");
    Membership first = join(ann);
    Membership third = join(member("third"), first.address());
    Member twin = new Member(ann.id(), "twin", "127.0.0.1", 9001, Map.of());
    assertThatThrownBy(() -> join(twin, third.address()))
        .isInstanceOf(MembershipException.class)
        .hasMessage(
            "node id %s is already in the swarm as ann at 127.0.0.1:9000; stop that one or start this with another --home"
                .formatted(ann.id()));
    assertThat(first.members()).extracting(Member::name).containsExactly("ann", "third");
    assertThat(third.members()).extracting(Member::name).containsExactly("ann", "third");
  }

  @Test
  void aNodeThatLeftMayReturn() {
    Membership first = join(member("ann"));
    Member bob = member("bob");
    join(bob, first.address()).close();
    Membership again = join(bob, first.address());
    assertThat(again.members()).extracting(Member::name).containsExactly("ann", "bob");
  }

  @Test
  void aTakenPortIsNamed() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      MemberOptions options = new MemberOptions(swarm, "127.0.0.1", port, List.of(), false);
      assertThatThrownBy(() -> Membership.join(options, member("ann"), _ -> {}))
          .isInstanceOf(MembershipException.class)
          .hasMessage("port %d is taken; stop what listens there or use another --port", port);
    }
  }

  @Test
  void portZeroTakesTheFirstFreeOneOfTheRange() {
    Membership first = join(member("ann"));
    Membership second = join(member("bob"), first.address());
    assertThat(List.of(first, second))
        .extracting(m -> m.address().port())
        .allMatch(p -> p >= MemberOptions.FIRST_PORT && p <= MemberOptions.LAST_PORT)
        .doesNotHaveDuplicates();
  }

  @Test
  void anAddressOfAnotherMachineIsRefused() {
    for (String bind : List.of("198.51.100.7", "no-such-host.invalid", "0.0.0.0")) {
      MemberOptions options = new MemberOptions(swarm, bind, 0, List.of(), false);
      assertThatThrownBy(() -> Membership.join(options, member("ann"), _ -> {}))
          .isInstanceOf(MembershipException.class)
          .hasMessageContaining("'" + bind + "' is not one of this machine's")
          .hasMessageContaining("127.0.0.1");
    }
  }

  @Test
  void autoBindsToAnAddressOfThisMachine() {
    Membership node =
        Membership.join(
            new MemberOptions(swarm, "auto", 0, List.of(), false), member("ann"), _ -> {});
    open.add(node);
    assertThat(node.address().host()).isEqualTo(BindAddress.of("auto").getHostAddress());
    assertThat(join(member("bob"), node.address()).members()).hasSize(2);
  }

  @Test
  void aSeedThatDoesNotAnswerIsNamed() throws IOException {
    HostPort nobody = NodeProcess.freePort();
    HostPort unknown = new HostPort("no-such-host.invalid", 7700);
    assertThatThrownBy(() -> join(member("ann"), nobody, unknown))
        .isInstanceOf(MembershipException.class)
        .hasMessageStartingWith("no node answers at " + nobody + ", " + unknown + "; ");
  }

  @Test
  void oneSeedOfSeveralIsEnough() throws IOException {
    Membership first = join(member("ann"));
    Membership second = join(member("bob"), NodeProcess.freePort(), first.address());
    assertThat(second.members()).hasSize(2);
  }

  @Test
  void aNodeInItsOwnListOfSeedsMayBeTheFirst() throws IOException {
    HostPort own = NodeProcess.freePort();
    HostPort absent = NodeProcess.freePort();
    MemberOptions options =
        new MemberOptions(swarm, "127.0.0.1", own.port(), Arrays.asList(absent, own), false);
    Membership first = Membership.join(options, member("ann"), _ -> {});
    open.add(first);
    assertThat(first.address()).isEqualTo(own);
  }
}
