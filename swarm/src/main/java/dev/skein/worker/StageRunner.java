package dev.skein.worker;

import dev.skein.tensor.Tensor;
import dev.skein.wire.Endpoint;
import dev.skein.wire.Frame;
import dev.skein.wire.FrameHeader;
import dev.skein.wire.PrepareRequest;
import dev.skein.wire.Route;
import dev.skein.wire.StageTiming;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One stage of one deployment. One thread takes frames from the queue and runs them on the device,
 * another hands the results on, so that the device works on the next frame while the last one is
 * still on its way. Both queues are short, and whoever offers to a full one waits.
 */
final class StageRunner {
  private static final int ANSWER_ATTEMPTS = 3;
  private static final Duration ANSWER_PAUSE = Duration.ofMillis(100);
  private static final long OFFER_SECONDS = 60;

  private final String node;
  private final PrepareRequest deployment;
  private final LoadedSegment segment;
  private final Device device;
  private final Outbox outbox;
  private final BlockingQueue<Frame> queue;
  private final BlockingQueue<Frame> results = new ArrayBlockingQueue<>(1);
  private final List<Thread> threads;
  private volatile boolean stopped;

  StageRunner(
      String node, PrepareRequest deployment, LoadedSegment segment, Device device, Outbox outbox) {
    this.node = node;
    this.deployment = deployment;
    this.segment = segment;
    this.device = device;
    this.outbox = outbox;
    this.queue = new ArrayBlockingQueue<>(deployment.window());
    String name = "stage-" + deployment.deployment() + "-" + deployment.stage();
    this.threads =
        List.of(
            Thread.ofVirtual().name(name).start(() -> repeat(this::compute)),
            Thread.ofVirtual().name(name + "-out").start(() -> repeat(this::handOn)));
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
    threads.forEach(Thread::interrupt);
    queue.clear();
  }

  /** Waits until the stage no longer touches its segment. */
  void awaitStopped() throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private interface Step {
    void run() throws InterruptedException;
  }

  private void repeat(Step step) {
    try {
      while (!stopped) {
        step.run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void compute() throws InterruptedException {
    Frame frame = queue.take();
    try {
      results.put(frame(frame.header(), device.compute(() -> segment.run(frame.tensors()))));
    } catch (RuntimeException e) {
      answer(frame.header(), String.valueOf(e.getMessage()));
    }
  }

  private void handOn() throws InterruptedException {
    Frame result = results.take();
    int stage = deployment.stage() + 1;
    if (stage == deployment.stages().size()) {
      answer(result);
      return;
    }
    Route route = deployment.stages().get(stage);
    String trouble = send(route.node(), route.endpoint(), result);
    if (trouble != null) {
      answer(result.header(), Worker.UNREACHABLE + route.node() + ": " + trouble);
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

  private void answer(FrameHeader header, String failure) throws InterruptedException {
    FrameHeader answer =
        new FrameHeader(
            header.deployment(),
            header.request(),
            header.attempt(),
            deployment.stages().size(),
            header.timings(),
            failure);
    answer(new Frame(answer, Map.of()));
  }

  /** A lost answer would cost the requester its patience and a new plan, so it is tried again. */
  private void answer(Frame frame) throws InterruptedException {
    for (int attempt = 1; attempt <= ANSWER_ATTEMPTS; attempt++) {
      if (send(deployment.requester(), deployment.requesterEndpoint(), frame) == null) {
        return;
      }
      Thread.sleep(ANSWER_PAUSE.multipliedBy(attempt));
    }
  }

  /** What went wrong, in one line; null if nothing, or if nobody wants to know any more. */
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
