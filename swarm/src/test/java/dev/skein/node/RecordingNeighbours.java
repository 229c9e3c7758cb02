package dev.skein.node;

import dev.skein.infer.Neighbours;
import dev.skein.state.SwarmEvent;
import dev.skein.state.SwarmState;
import dev.skein.wire.Endpoint;
import dev.skein.wire.Frame;
import dev.skein.wire.PrepareRequest;
import dev.skein.wire.Prepared;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A node's own way to its swarm, remembering what nodes said when they were ready. */
class RecordingNeighbours implements Neighbours {
  private final Neighbours real;

  /** By node id, the last one each. */
  final Map<String, Prepared> prepared = new ConcurrentHashMap<>();

  RecordingNeighbours(Neighbours real) {
    this.real = real;
  }

  @Override
  public Prepared prepare(String node, PrepareRequest request, Duration deadline) {
    Prepared result = real.prepare(node, request, deadline);
    prepared.put(node, result);
    return result;
  }

  @Override
  public String self() {
    return real.self();
  }

  @Override
  public Endpoint endpoint(String node) {
    return real.endpoint(node);
  }

  @Override
  public SwarmState state() {
    return real.state();
  }

  @Override
  public void tell(SwarmEvent event) {
    real.tell(event);
  }

  @Override
  public void release(String node, String deployment) {
    real.release(node, deployment);
  }

  @Override
  public void send(String node, Frame frame, Duration deadline) {
    real.send(node, frame, deadline);
  }

  @Override
  public boolean answers(String node) {
    return real.answers(node);
  }

  @Override
  public void receive(String deployment, int stages, AnswerReceiver receiver) {
    real.receive(deployment, stages, receiver);
  }

  @Override
  public void forget(String deployment) {
    real.forget(deployment);
  }
}
