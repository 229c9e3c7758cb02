package dev.skein.infer;

import dev.skein.plan.Goal;
import dev.skein.plan.Plan;
import dev.skein.plan.Planner;
import dev.skein.state.SwarmEvent;
import dev.skein.tensor.Tensor;
import dev.skein.wire.Frame;
import dev.skein.wire.FrameHeader;
import dev.skein.wire.StageTiming;
import dev.skein.worker.Worker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One model running over a swarm. Requests may be made from any number of threads; at most a window
 * of them is in flight, which is what bounds every queue on the way. A request is sent again, over
 * a new plan, when a node of its deployment is lost, refuses or falls silent; the first answer
 * counts and later ones are dropped.
 */
public final class Pipeline implements AutoCloseable {
  /** How long a request waits for devices when there are none. */
  private static final Duration GRACE = Duration.ofSeconds(8);

  private static final Duration PAUSE = Duration.ofMillis(250);
  private static final int MOST_ATTEMPTS = 50;

  /** Patience with one attempt, over its expected time, before its nodes are asked for a sign. */
  private static final double PATIENCE_FACTOR = 1.5;

  /** After that many times of patience a request is sent again though all its nodes live. */
  private static final int MOST_SILENCES = 4;

  private static final int OPENING_ROUNDS = 4;
  private static final int RECOVERY_ROUNDS = 0;
  private static final double LEAST_PATIENCE_MILLIS = 500;

  private final Neighbours neighbours;
  private final Workload workload;
  private final Deployer deployer;
  private final Receiver receiver = new Receiver();
  private final Map<Long, PendingRequest> pending = new ConcurrentHashMap<>();
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong recoveries = new AtomicLong();
  private final int window;
  private final Semaphore permits;
  private final ReentrantLock recovering = new ReentrantLock();
  private volatile @Nullable Deployment current;
  private volatile boolean closed;

  private Pipeline(Neighbours neighbours, Workload workload, Deployer deployer) {
    this.neighbours = neighbours;
    this.workload = workload;
    this.deployer = deployer;
    // Two frames a device keep every stage busy while the next frame is under way to it.
    this.window = Math.max(2, 2 * neighbours.state().devices().size());
    this.permits = new Semaphore(window, true);
    this.current = deployer.deploy(receiver, window, OPENING_ROUNDS);
  }

  /**
   * Plans and prepares.
   *
   * @param eligible node ids that may get work
   * @throws InferenceException if no set of devices takes the model
   */
  public static Pipeline open(
      Neighbours neighbours,
      Workload workload,
      Planner planner,
      Goal goal,
      Predicate<String> eligible) {
    return new Pipeline(
        neighbours, workload, new Deployer(neighbours, workload, planner, goal, eligible));
  }

  /**
   * Runs one request to its answer.
   *
   * @param inputs the model's inputs, shaped as the workload was measured or alike
   * @throws InferenceException if there is no answer by the deadline, or the model itself fails
   */
  public Answer infer(Map<String, Tensor> inputs, Duration deadline) {
    long begun = System.nanoTime();
    long end = begun + deadline.toNanos();
    requireOpen();
    try {
      if (!permits.tryAcquire(deadline.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new InferenceException(
            "no room for the request within " + deadline.toMillis() + " ms");
      }
      PendingRequest request = new PendingRequest(requests.incrementAndGet(), inputs, end);
      pending.put(request.id(), request);
      try {
        return attempt(request, begun);
      } finally {
        pending.remove(request.id());
        permits.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InferenceException("the request was interrupted");
    }
  }

  /** The plan now in force, its prediction made from measured stages. */
  public Plan plan() {
    return deployment().plan();
  }

  /** Node ids by stage of the plan now in force. */
  public List<String> nodes() {
    return deployment().nodes();
  }

  /** Requests that may be in flight at once. */
  public int window() {
    return window;
  }

  /** How often a deployment had to be replaced. */
  public long recoveries() {
    return recoveries.get();
  }

  private Deployment deployment() {
    return Objects.requireNonNull(current);
  }

  private Answer attempt(PendingRequest request, long begun) throws InterruptedException {
    for (int attempt = 1; ; attempt++) {
      Deployment deployment = deployment();
      request.begin(deployment);
      String failure = send(request, deployment, attempt);
      Frame answer = failure == null ? await(request, deployment) : null;
      if (answer != null && answer.header().failure() == null) {
        requireWhole(answer);
        double millis = (System.nanoTime() - begun) / 1e6;
        return new Answer(
            answer.tensors(),
            millis,
            bytesMoved(request, answer),
            attempt,
            answer.header().timings());
      }
      if (answer != null) {
        failure = answer.header().failure();
      }
      if (failure != null && !isRetryable(failure)) {
        throw new InferenceException(failure);
      }
      if (request.millisLeft() <= 0 || attempt == MOST_ATTEMPTS) {
        throw new InferenceException(
            "no answer after %d attempts; last seen: %s"
                .formatted(attempt, failure == null ? "a node fell silent" : failure));
      }
      replace(deployment, request);
    }
  }

  /** Nobody may be there for a moment; only a swarm that stays empty fails the request. */
  private void replace(Deployment lost, PendingRequest request) throws InterruptedException {
    long end = System.nanoTime() + GRACE.toNanos();
    while (true) {
      try {
        recover(lost, request);
        return;
      } catch (InferenceException e) {
        if (closed || System.nanoTime() > end || request.millisLeft() <= 0) {
          throw e;
        }
        Thread.sleep(PAUSE);
      }
    }
  }

  /** The last node must answer with just what the model puts out. */
  private void requireWhole(Frame answer) {
    Set<String> wanted = Set.copyOf(workload.cuts().getLast().values());
    if (!answer.tensors().keySet().equals(wanted)) {
      throw new InferenceException(
          "the answer holds " + answer.tensors().keySet() + " where the model gives " + wanted);
    }
  }

  private static boolean isRetryable(String failure) {
    return failure.startsWith(PendingRequest.SENDING) || failure.startsWith(Worker.UNREACHABLE);
  }

  private @Nullable String send(PendingRequest request, Deployment deployment, int attempt) {
    FrameHeader header =
        new FrameHeader(deployment.id(), request.id(), attempt, 0, List.of(), null);
    if (!neighbours.state().devices().keySet().containsAll(deployment.nodes())) {
      return PendingRequest.SENDING + "a node of the deployment has left";
    }
    try {
      Duration patience = Duration.ofMillis((long) Math.max(1, request.millisLeft()));
      neighbours.send(deployment.nodes().getFirst(), new Frame(header, request.inputs()), patience);
      return null;
    } catch (RuntimeException e) {
      return PendingRequest.SENDING + e.getMessage();
    }
  }

  /** Null if the deployment was lost under the request, or it waited long enough in vain. */
  private @Nullable Frame await(PendingRequest request, Deployment deployment)
      throws InterruptedException {
    Plan plan = deployment.plan();
    double patience =
        Math.max(
            LEAST_PATIENCE_MILLIS,
            PATIENCE_FACTOR * (plan.latencyMillis() + window * plan.bottleneckMillis()));
    for (int silence = 0; silence < MOST_SILENCES && request.millisLeft() > 0; silence++) {
      PendingRequest.Outcome outcome = request.await(Math.min(patience, request.millisLeft()));
      switch (outcome) {
        case PendingRequest.Answered answered -> {
          return answered.frame();
        }
        case PendingRequest.Lost _ -> {
          return null;
        }
        case PendingRequest.Silent _ -> {
          if (suspectSilent(deployment)) {
            return null;
          }
        }
      }
    }
    return null;
  }

  /** One of the requests that miss the deployment replaces it; the others wait and follow. */
  private void recover(Deployment lost, PendingRequest request) throws InterruptedException {
    if (!recovering.tryLock((long) Math.max(0, request.millisLeft()), TimeUnit.MILLISECONDS)) {
      throw new InferenceException("no answer by the deadline: a new plan is still being prepared");
    }
    try {
      recover(lost);
    } finally {
      recovering.unlock();
    }
  }

  private void recover(Deployment lost) {
    requireOpen();
    if (!deployment().id().equals(lost.id())) {
      return;
    }
    suspectSilent(lost);
    deployer.release(lost);
    current = deployer.deploy(receiver, window, RECOVERY_ROUNDS);
    recoveries.incrementAndGet();
    pending.values().forEach(request -> request.lose(lost));
    if (closed) {
      // Closed meanwhile, which released what was in force then.
      deployer.release(deployment());
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new InferenceException("the pipeline was closed");
    }
  }

  /** Asks the nodes of a deployment whether they live; true if one does not, or is gone. */
  private boolean suspectSilent(Deployment deployment) {
    List<String> unsuspected =
        deployment.distinctNodes().stream().filter(neighbours.state()::trusts).toList();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (String node : unsuspected) {
        threads.execute(() -> {
          if (!neighbours.answers(node)) {
            neighbours.tell(new SwarmEvent.Suspected(node));
          }
        });
      }
    }
    return !deployment.distinctNodes().stream().allMatch(neighbours.state()::trusts);
  }

  private long bytesMoved(PendingRequest request, Frame answer) {
    String at = neighbours.self();
    long bytes = 0;
    long sent = request.inputBytes();
    for (StageTiming stage : answer.header().timings()) {
      bytes += stage.node().equals(at) ? 0 : sent;
      at = stage.node();
      sent = stage.bytesSent();
    }
    return bytes + (at.equals(neighbours.self()) ? 0 : sent);
  }

  /** Requests under way fail. */
  @Override
  public void close() {
    closed = true;
    deployer.release(deployment());
    pending.values().forEach(PendingRequest::lose);
  }

  private final class Receiver implements Neighbours.AnswerReceiver {
    @Override
    public void answered(Frame frame) {
      PendingRequest request = pending.get(frame.header().request());
      if (request != null) {
        request.answer(frame);
      }
    }

    @Override
    public void left(String node) {
      Deployment deployment = current;
      if (deployment != null && deployment.uses(node)) {
        pending.values().forEach(PendingRequest::lose);
      }
    }
  }
}
