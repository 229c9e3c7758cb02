package dev.skein.infer;

import dev.skein.tensor.Tensor;
import dev.skein.wire.Frame;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A request in flight; its own thread waits in {@link #await}, others tell it what happened. */
final class PendingRequest {
  /** Begins the failure of a request that did not even reach its first node. */
  static final String SENDING = "could not send: ";

  private final long id;
  private final Map<String, Tensor> inputs;
  private final long end;
  private final LinkedBlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
  private volatile @Nullable String deployment;

  sealed interface Outcome {}

  record Answered(Frame frame) implements Outcome {}

  /** A node of the deployment left the swarm. */
  record Lost() implements Outcome {}

  record Silent() implements Outcome {}

  PendingRequest(long id, Map<String, Tensor> inputs, long end) {
    this.id = id;
    this.inputs = inputs;
    this.end = end;
  }

  long id() {
    return id;
  }

  Map<String, Tensor> inputs() {
    return inputs;
  }

  long inputBytes() {
    return inputs.values().stream().mapToLong(Tensor::bytes).sum();
  }

  double millisLeft() {
    return (end - System.nanoTime()) / 1e6;
  }

  /** Starts another attempt: losses reported for the former one no longer count. */
  synchronized void begin(Deployment next) {
    deployment = next.id();
    outcomes.removeIf(outcome -> !(outcome instanceof Answered));
  }

  /** A right answer counts whichever attempt it belongs to; a failure only for the present one. */
  void answer(Frame frame) {
    if (frame.header().failure() == null || frame.header().deployment().equals(deployment)) {
      outcomes.add(new Answered(frame));
    }
  }

  void lose() {
    outcomes.add(new Lost());
  }

  /** Tells it that a deployment is no more, if it is the one that it waits for. */
  synchronized void lose(Deployment lost) {
    if (lost.id().equals(deployment)) {
      lose();
    }
  }

  Outcome await(double millis) throws InterruptedException {
    Outcome outcome = outcomes.poll((long) (millis * 1e6), TimeUnit.NANOSECONDS);
    return outcome == null ? new Silent() : outcome;
  }
}
