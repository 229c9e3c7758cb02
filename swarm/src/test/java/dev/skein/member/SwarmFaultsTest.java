package dev.skein.member;

import static dev.skein.member.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Three real processes on loopback, one of which fails. */
@Execution(ExecutionMode.CONCURRENT) // they wait, most of the time
class SwarmFaultsTest {
  private static final String ID = "00000000-0000-0000-0000-00000000000";
  private static final Duration START = Duration.ofSeconds(20);
  private static final Duration DETECT = Duration.ofSeconds(5);
  private static final Duration RETURN = Duration.ofSeconds(20);

  private final String swarm = "test-" + UUID.randomUUID();
  private HostPort seed;
  private NodeProcess ann;
  private NodeProcess bob;
  private NodeProcess cid;

  @BeforeEach
  void threeNodes() throws IOException {
    seed = NodeProcess.freePort();
    startAnn();
    bob = NodeProcess.start(swarm, ID + "2", "bob", seed);
    cid = NodeProcess.start(swarm, ID + "3", "cid", seed);
    allSee("ann,bob,cid", START, ann, bob, cid);
  }

  private void startAnn() {
    ann =
        NodeProcess.start(
            List.of(swarm, ID + "1", "ann", Integer.toString(seed.port()), "false", "127.0.0.1"));
    eventually(START, ann, () -> ann.ready().equals(Optional.of(seed)));
  }

  @AfterEach
  void end() {
    for (NodeProcess node : List.of(ann, bob, cid)) {
      node.close();
      assertThat(node.lines()).as("%s prints nothing else", node).allMatch(NodeMain::expected);
    }
  }

  private static void allSee(String names, Duration within, NodeProcess... nodes) {
    for (NodeProcess node : nodes) {
      eventually(within, node, () -> node.members().equals(names));
    }
  }

  @Test
  void aKilledNodeIsGoneAndReturnsUnderItsOldId() {
    cid.signal("KILL");
    allSee("ann,bob", DETECT, ann, bob);
    cid = NodeProcess.start(swarm, ID + "3", "cid-again", bob.ready().orElseThrow());
    allSee("ann,bob,cid-again", START, ann, bob, cid);
  }

  @Test
  void theEldestAndSeedIsKilledAndMeetsTheOthersAgainWhenItRestarts() {
    ann.signal("KILL");
    allSee("bob,cid", DETECT, bob, cid);
    startAnn();
    allSee("ann,bob,cid", RETURN, ann, bob, cid);
  }

  @Test
  void aSuspendedNodeIsGoneAndComesBackByItself() {
    bob.signal("STOP");
    allSee("ann,cid", DETECT, ann, cid);
    bob.signal("CONT");
    allSee("ann,bob,cid", RETURN, ann, bob, cid);
  }

  @Test
  void aNodeThatLeavesIsGoneAtOnce() {
    ann.leave();
    allSee("bob,cid", DETECT, bob, cid);
    eventually(DETECT, ann, () -> !ann.alive());
  }

  @Test
  @Tag("slow")
  void theSuspendedEldestComesBackByItself() {
    ann.signal("STOP");
    allSee("bob,cid", DETECT, bob, cid);
    ann.signal("CONT");
    allSee("ann,bob,cid", RETURN, ann, bob, cid);
  }
}
