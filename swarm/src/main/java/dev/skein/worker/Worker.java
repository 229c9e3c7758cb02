package dev.skein.worker;

import dev.skein.graph.Segment;
import dev.skein.tensor.Tensor;
import dev.skein.tensor.TensorSpec;
import dev.skein.wire.Frame;
import dev.skein.wire.PrepareRequest;
import dev.skein.wire.Prepared;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The stages that this node runs for others and for itself. */
public final class Worker implements AutoCloseable {
  /** Begins the failure of a request whose next node could not be reached: worth another plan. */
  public static final String UNREACHABLE = "unreachable node ";

  private static final int MOST_WINDOW = 1024;
  private static final int WARM_UP_RUNS = 5;

  /** A slow device need not repeat itself as often. */
  private static final double WARM_UP_MILLIS = 400;

  private final String node;
  private final Device device;
  private final SegmentLoader loader;
  private final SegmentCache cache;
  private final Outbox outbox;
  private final Map<StageId, StageRunner> stages = new ConcurrentHashMap<>();

  /** Prepared just now; what is released meanwhile must not come up. */
  private final Set<Preparation> preparations = ConcurrentHashMap.newKeySet();

  private record StageId(String deployment, int stage) {}

  private static final class Preparation {
    final PrepareRequest request;
    volatile boolean released;

    Preparation(PrepareRequest request) {
      this.request = request;
    }
  }

  public Worker(String node, Device device, BlobSource blobs, Outbox outbox) {
    this.node = node;
    this.device = device;
    this.loader = new SegmentLoader(blobs, device.capacity().threads());
    this.cache = new SegmentCache(device.capacity().modelBytes());
    this.outbox = outbox;
  }

  /**
   * Loads and warms up a stage; from then on its frames are welcome.
   *
   * @throws RuntimeException with a one-line message if the segment cannot be had, held or run
   */
  public Prepared prepare(PrepareRequest request) throws InterruptedException {
    Preparation preparation = new Preparation(request);
    preparations.add(preparation);
    try {
      Prepared prepared = makeReady(request);
      if (preparation.released) {
        release(request.deployment());
        throw new WorkerException(
            "deployment " + request.deployment() + " was released before it was ready");
      }
      return prepared;
    } finally {
      preparations.remove(preparation);
    }
  }

  private Prepared makeReady(PrepareRequest request) throws InterruptedException {
    if (request.window() > MOST_WINDOW) {
      throw new WorkerException(
          "a window of %d requests is above %d".formatted(request.window(), MOST_WINDOW));
    }
    long begun = System.nanoTime();
    long fetchedBefore = loader.bytesFetched();
    Segment segment = request.stages().get(request.stage()).segment();
    LoadedSegment.Key key = new LoadedSegment.Key(request.skeleton().sha256(), segment);
    LoadedSegment loaded = load(request, key);
    boolean ready = false;
    try {
      double runMillis = warmUp(loaded, request.sample());
      StageId id = new StageId(request.deployment(), request.stage());
      StageRunner former = stages.put(id, new StageRunner(node, request, loaded, device, outbox));
      if (former != null) {
        retire(former);
      }
      ready = true;
      return new Prepared(
          (System.nanoTime() - begun) / 1e6,
          runMillis,
          loaded.bytes(),
          loader.bytesFetched() - fetchedBefore);
    } finally {
      if (!ready) {
        cache.leave(loaded);
      }
    }
  }

  /** Queues a frame for its stage, waiting while the queue is full. */
  public void accept(Frame frame) throws InterruptedException {
    StageRunner stage =
        stages.get(new StageId(frame.header().deployment(), frame.header().stage()));
    if (stage == null) {
      throw new WorkerException(
          "deployment %s stage %d is not prepared here"
              .formatted(frame.header().deployment(), frame.header().stage()));
    }
    stage.accept(frame);
  }

  public void release(String deployment) {
    for (Preparation preparation : preparations) {
      if (preparation.request.deployment().equals(deployment)) {
        preparation.released = true;
      }
    }
    stages
        .entrySet()
        .removeIf(entry -> {
          boolean released = entry.getKey().deployment().equals(deployment);
          if (released) {
            retire(entry.getValue());
          }
          return released;
        });
  }

  /** Drops all work of a requester that is gone. */
  public void releaseOf(String requester) {
    for (Preparation preparation : preparations) {
      if (preparation.request.requester().equals(requester)) {
        preparation.released = true;
      }
    }
    stages.forEach((id, stage) -> {
      if (stage.requester().equals(requester)) {
        release(id.deployment());
      }
    });
  }

  public List<String> deployments() {
    return stages.keySet().stream().map(StageId::deployment).distinct().sorted().toList();
  }

  public long freeBytes() {
    return cache.free();
  }

  private LoadedSegment load(PrepareRequest request, LoadedSegment.Key key)
      throws InterruptedException {
    LoadedSegment known = cache.reuse(key);
    if (known != null) {
      return known;
    }
    SegmentLoader.Structure structure = loader.extract(request.skeleton(), key);
    long activations = request.sample().values().stream().mapToLong(TensorSpec::bytes).sum();
    long bytes = structure.weightBytes() + activations;
    return cache.acquire(key, bytes, () -> loader.load(key, structure, bytes));
  }

  /** Milliseconds of one run, the best of several: what the device can do when left alone. */
  private double warmUp(LoadedSegment segment, Map<String, TensorSpec> sample)
      throws InterruptedException {
    Map<String, Tensor> zeros = new LinkedHashMap<>();
    sample.forEach((name, spec) -> zeros.put(name, Tensor.allocate(spec.type(), spec.shape())));
    double best = Double.POSITIVE_INFINITY;
    double spent = 0;
    for (int run = 0; run < WARM_UP_RUNS && (run < 3 || spent < WARM_UP_MILLIS); run++) {
      double millis = device.compute(() -> segment.run(zeros)).millis();
      best = Math.min(best, millis);
      spent += millis;
    }
    return best;
  }

  private void retire(StageRunner stage) {
    stage.stop();
    Thread.ofVirtual()
        .start(() -> {
          try {
            stage.awaitStopped();
            cache.leave(stage.segment());
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  @Override
  public void close() {
    stages.values().forEach(StageRunner::stop);
    stages.clear();
    device.close();
    cache.close();
  }
}
