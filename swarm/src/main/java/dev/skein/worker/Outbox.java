package dev.skein.worker;

import dev.skein.wire.Endpoint;
import dev.skein.wire.Frame;

/** How a stage's result goes on: to the node of the next stage or back to the requester. */
public interface Outbox {
  /** Blocks while the receiver is busy; fails with a one-line message if it cannot be reached. */
  void send(String node, Endpoint endpoint, Frame frame);
}
