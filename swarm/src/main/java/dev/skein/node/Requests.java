package dev.skein.node;

import dev.skein.cost.LinkProfile;
import dev.skein.infer.Neighbours;
import dev.skein.state.SwarmEvent;
import dev.skein.state.SwarmState;
import dev.skein.wire.Endpoint;
import dev.skein.wire.Frame;
import dev.skein.wire.NodeService;
import dev.skein.wire.PeerException;
import dev.skein.wire.PrepareRequest;
import dev.skein.wire.Prepared;
import java.time.Duration;

/** The swarm as this node's requesters reach it: other nodes by wire, this one directly. */
final class Requests implements Neighbours {
  private static final Duration RELEASE_DEADLINE = Duration.ofMillis(500);
  private static final Duration RELEASE_PAUSE = Duration.ofSeconds(1);
  private static final int RELEASE_ATTEMPTS = 300;

  private static final int PINGS = 2;
  private static final double LEAST_PING_MILLIS = 400;
  private static final double MOST_PING_MILLIS = 15_000;
  private static final double BYTES_AHEAD = 256 << 10;

  private final String self;
  private final Directory directory;
  private final NodeService here;
  private final AnswerDesk answers;

  Requests(String self, Directory directory, NodeService here, AnswerDesk answers) {
    this.self = self;
    this.directory = directory;
    this.here = here;
    this.answers = answers;
  }

  @Override
  public String self() {
    return self;
  }

  @Override
  public Endpoint endpoint(String node) {
    return directory.endpoint(node);
  }

  @Override
  public SwarmState state() {
    return directory.state();
  }

  @Override
  public void tell(SwarmEvent event) {
    directory.tell(event);
  }

  @Override
  public Prepared prepare(String node, PrepareRequest request, Duration deadline) {
    return node.equals(self)
        ? here.prepare(request)
        : directory.peer(node).prepare(request, deadline);
  }

  @Override
  public void release(String node, String deployment) {
    if (node.equals(self)) {
      here.release(deployment);
      return;
    }
    if (!state().trusts(node) || !isReleased(node, deployment)) {
      Thread.ofVirtual().name("release-" + deployment).start(() -> keepReleasing(node, deployment));
    }
  }

  private boolean isReleased(String node, String deployment) {
    try {
      directory.peer(node).release(deployment, RELEASE_DEADLINE);
      return true;
    } catch (PeerException | NodeException e) {
      return false;
    }
  }

  /**
   * A node that was only frozen, or cut off, comes back with its work and, never having seen this
   * one leave, would hold it for ever.
   */
  private void keepReleasing(String node, String deployment) {
    try {
      for (int attempt = 0; attempt < RELEASE_ATTEMPTS; attempt++) {
        Thread.sleep(RELEASE_PAUSE);
        if (isReleased(node, deployment)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void send(String node, Frame frame, Duration deadline) {
    if (node.equals(self)) {
      here.accept(frame);
    } else {
      directory.peer(node).send(frame, deadline);
    }
  }

  @Override
  public boolean answers(String node) {
    if (node.equals(self)) {
      return true;
    }
    Duration deadline = pingDeadline(node);
    for (int attempt = 0; attempt < PINGS; attempt++) {
      try {
        directory.peer(node).ping(0, deadline);
        return true;
      } catch (PeerException | NodeException e) {
        // One ping may be lost behind bulk data.
      }
    }
    return false;
  }

  /** A ping waits behind whatever frames are under way on its link. */
  private Duration pingDeadline(String node) {
    LinkProfile link = directory.state().links().get(new SwarmState.Hop(self, node));
    double millis = LEAST_PING_MILLIS;
    if (link != null) {
      millis += 4 * link.latencyMillis() + BYTES_AHEAD / link.bytesPerSecond() * 1e3;
    }
    return Duration.ofMillis((long) Math.min(MOST_PING_MILLIS, millis));
  }

  @Override
  public void receive(String deployment, int stages, AnswerReceiver receiver) {
    answers.open(deployment, stages, receiver);
  }

  @Override
  public void forget(String deployment) {
    answers.close(deployment);
  }
}
