package dev.skein.worker;

import dev.skein.tensor.Tensor;
import dev.skein.wire.Endpoint;
import dev.skein.wire.Frame;
import dev.skein.wire.FrameHeader;
import dev.skein.wire.PrepareRequest;
import dev.skein.wire.Route;
import dev.skein.wire.StageTiming;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One stage of one deployment. Its thread takes frames from the queue, runs them on the device and
 * hands the results on; the queue is short, and whoever offers to a full one waits.
 */
final class StageRunner {
  private static final long OFFER_SECONDS = 60;

  private final String node;
  private final PrepareRequest deployment;
  private final LoadedSegment segment;
  private final Device device;
  private final Outbox outbox;
  private final BlockingQueue<Frame> queue;
  private final Thread thread;
  private volatile boolean stopped;

  StageRunner(
      String node, PrepareRequest deployment, LoadedSegment segment, Device device, Outbox outbox) {
    this.node = node;
    this.deployment = deployment;
    this.segment = segment;
    this.device = device;
    this.outbox = outbox;
    this.queue = new ArrayBlockingQueue<>(deployment.window());
    this.thread =
        Thread.ofVirtual()
            .name("stage-" + deployment.deployment() + "-" + deployment.stage())
            .start(this::run);
  }

  LoadedSegment segment() {
    return segment;
  }

  String requester() {
    return deployment.requester();
  }

  void accept(Frame frame) throws InterruptedException {
    if (!queue.offer(frame, OFFER_SECONDS, TimeUnit.SECONDS)) {
      throw new WorkerException("the stage's queue stayed full for " + OFFER_SECONDS + " s");
    }
    if (stopped) {
      throw new WorkerException("deployment " + deployment.deployment() + " was released");
    }
  }

  void stop() {
    stopped = true;
    thread.interrupt();
    queue.clear();
  }

  /** Waits until the stage no longer touches its segment. */
  void awaitStopped() throws InterruptedException {
    thread.join();
  }

  private void run() {
    try {
      while (!stopped) {
        step(queue.take());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void step(Frame frame) throws InterruptedException {
    Frame next;
    try {
      Device.Timed<Map<String, Tensor>> timed = device.compute(() -> segment.run(frame.tensors()));
      next = frame(frame.header(), timed);
    } catch (RuntimeException e) {
      answer(frame.header(), String.valueOf(e.getMessage()));
      return;
    }
    int stage = deployment.stage() + 1;
    if (stage == deployment.stages().size()) {
      send(deployment.requester(), deployment.requesterEndpoint(), next);
      return;
    }
    Route route = deployment.stages().get(stage);
    String trouble = send(route.node(), route.endpoint(), next);
    if (trouble != null) {
      answer(frame.header(), Worker.UNREACHABLE + route.node() + ": " + trouble);
    }
  }

  private Frame frame(FrameHeader header, Device.Timed<Map<String, Tensor>> timed) {
    long bytes = timed.result().values().stream().mapToLong(Tensor::bytes).sum();
    List<StageTiming> timings = new ArrayList<>(header.timings());
    timings.add(new StageTiming(node, timed.queueMillis(), timed.millis(), bytes));
    return new Frame(
        new FrameHeader(
            header.deployment(),
            header.request(),
            header.attempt(),
            deployment.stage() + 1,
            timings,
            null),
        timed.result());
  }

  private void answer(FrameHeader header, String failure) {
    FrameHeader answer =
        new FrameHeader(
            header.deployment(),
            header.request(),
            header.attempt(),
            deployment.stages().size(),
            header.timings(),
            failure);
    send(deployment.requester(), deployment.requesterEndpoint(), new Frame(answer, Map.of()));
  }

  /** A requester that cannot be told is gone or will ask again, so the failure ends here. */
  private @Nullable String send(String to, Endpoint endpoint, Frame frame) {
    if (stopped) {
      return null;
    }
    try {
      outbox.send(to, endpoint, frame);
      return null;
    } catch (RuntimeException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
