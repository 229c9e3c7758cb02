package dev.skein.node;

import dev.skein.infer.Neighbours.AnswerReceiver;
import dev.skein.wire.Frame;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Where answers arrive: finds the requester of this node that waits for them. */
final class AnswerDesk {
  private final Map<String, Waiting> waiting = new ConcurrentHashMap<>();

  private record Waiting(int stages, AnswerReceiver receiver) {}

  void open(String deployment, int stages, AnswerReceiver receiver) {
    waiting.put(deployment, new Waiting(stages, receiver));
  }

  void close(String deployment) {
    waiting.remove(deployment);
  }

  /** Whether anyone here waits for answers of that deployment. */
  boolean knows(String deployment) {
    return waiting.containsKey(deployment);
  }

  boolean isBusy() {
    return !waiting.isEmpty();
  }

  /** Whether the frame was an answer for someone here. */
  boolean take(Frame frame) {
    Waiting found = waiting.get(frame.header().deployment());
    if (found == null || frame.header().stage() < found.stages()) {
      return false;
    }
    found.receiver().answered(frame);
    return true;
  }

  void left(String node) {
    waiting.values().forEach(one -> one.receiver().left(node));
  }
}
