package dev.skein.node;

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
    try {
      directory.peer(node).release(deployment, RELEASE_DEADLINE);
    } catch (PeerException | NodeException e) {
      // A node that cannot be told drops the deployment when it sees this one leave.
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
  public boolean answers(String node, Duration deadline) {
    if (node.equals(self)) {
      return true;
    }
    try {
      directory.peer(node).ping(0, deadline);
      return true;
    } catch (PeerException | NodeException e) {
      return false;
    }
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
