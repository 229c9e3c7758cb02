package dev.skein.infer;

import dev.skein.state.SwarmEvent;
import dev.skein.state.SwarmState;
import dev.skein.wire.Endpoint;
import dev.skein.wire.Frame;
import dev.skein.wire.PrepareRequest;
import dev.skein.wire.Prepared;
import java.time.Duration;

/** How a requester reaches the members of its swarm, itself included. */
public interface Neighbours {
  /** This node's id. */
  String self();

  /** Where a member takes frames; fails with a one-line message if it is none any more. */
  Endpoint endpoint(String node);

  SwarmState state();

  void tell(SwarmEvent event);

  /** Fails with a one-line message. */
  Prepared prepare(String node, PrepareRequest request, Duration deadline);

  /** Does not wait for a node that cannot be told at once; it is told later. */
  void release(String node, String deployment);

  /** Blocks while the node is busy; fails with a one-line message. */
  void send(String node, Frame frame, Duration deadline);

  /** Whether a node gives a sign of life, in a time that its link allows. */
  boolean answers(String node);

  /** Answers for this deployment, frames beyond its last stage, go to {@code receiver}. */
  void receive(String deployment, int stages, AnswerReceiver receiver);

  void forget(String deployment);

  /** Takes answers, and hears when a member leaves. */
  interface AnswerReceiver {
    void answered(Frame frame);

    void left(String node);
  }
}
