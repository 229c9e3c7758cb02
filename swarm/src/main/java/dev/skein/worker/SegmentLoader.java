package dev.skein.worker;

import dev.skein.engine.Optimization;
import dev.skein.engine.Session;
import dev.skein.engine.SessionOptions;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Segments;
import dev.skein.graph.Skeleton;
import dev.skein.graph.Value;
import dev.skein.graph.Weight;
import dev.skein.onnx.OnnxReader;
import dev.skein.store.Fetched;
import dev.skein.tensor.Tensor;
import dev.skein.wire.BlobRef;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/** Makes a runnable segment out of a model's structure and just those weights it needs. */
final class SegmentLoader {
  private static final Duration FETCH_DEADLINE = Duration.ofMinutes(10);

  private final BlobSource blobs;
  private final int threads;
  private final AtomicLong bytesFetched = new AtomicLong();

  SegmentLoader(BlobSource blobs, int threads) {
    this.blobs = blobs;
    this.threads = threads;
  }

  /**
   * A segment's own model, its big weights still elsewhere.
   *
   * @param passed values that cross the segment untouched
   */
  record Structure(Model model, List<String> passed) {
    long weightBytes() {
      return model.graph().weights().values().stream().mapToLong(Weight::bytes).sum();
    }
  }

  Structure extract(BlobRef skeleton, LoadedSegment.Key key) {
    MemorySegment bytes = fetch(List.of(skeleton)).get(skeleton.sha256());
    if (bytes == null) {
      throw new WorkerException("the model's structure " + skeleton.sha256() + " is not to be had");
    }
    Model model = OnnxReader.read(bytes.toArray(ValueLayout.JAVA_BYTE));
    return new Structure(
        model.with(Segments.extract(model.graph(), key.segment())),
        Segments.passed(model.graph(), key.segment()));
  }

  LoadedSegment load(LoadedSegment.Key key, Structure structure, long bytes) {
    Graph graph = structure.model().graph();
    if (graph.nodes().isEmpty()) {
      return new LoadedSegment(key, null, List.of(), structure.passed(), bytes);
    }
    Map<String, BlobRef> wanted = new LinkedHashMap<>();
    for (Weight weight : graph.weights().values()) {
      if (weight instanceof Weight.Addressed addressed) {
        wanted.put(addressed.sha256(), new BlobRef(addressed.sha256(), addressed.bytes()));
      }
    }
    Map<String, MemorySegment> contents = fetch(List.copyOf(wanted.values()));
    Model model =
        Skeleton.bind(
            structure.model(),
            weight ->
                new Tensor(
                    weight.type().element(),
                    weight.shape(),
                    Objects.requireNonNull(contents.get(weight.sha256()))));
    Session session = Session.open(model, new SessionOptions(threads, Optimization.ALL));
    List<String> inputs = graph.requiredInputs().stream().map(Value::name).toList();
    return new LoadedSegment(key, session, inputs, structure.passed(), bytes);
  }

  /** Bytes that have come over the network so far. */
  long bytesFetched() {
    return bytesFetched.get();
  }

  private Map<String, MemorySegment> fetch(List<BlobRef> wanted) {
    Fetched fetched = blobs.fetch(wanted, FETCH_DEADLINE);
    bytesFetched.addAndGet(fetched.bytesFetched());
    return fetched.blobs();
  }
}
