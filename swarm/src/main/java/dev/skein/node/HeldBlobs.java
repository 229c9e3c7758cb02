package dev.skein.node;

import dev.skein.graph.Model;
import dev.skein.graph.Skeleton;
import dev.skein.onnx.OnnxWriter;
import dev.skein.store.Digests;
import dev.skein.store.Fetched;
import dev.skein.store.Fetcher;
import dev.skein.wire.BlobRef;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The weights of models opened on this node, served to others straight from the mapped files. */
final class HeldBlobs {
  /** Smaller weights travel inside the structure; shape constants have to. */
  private static final long LEAST_BLOB_BYTES = 1024;

  private final Map<String, MemorySegment> blobs = new ConcurrentHashMap<>();

  /** Makes a model's weights and its structure available; returns the structure's address. */
  BlobRef add(Model model) {
    Skeleton.Split split = Skeleton.of(model, LEAST_BLOB_BYTES);
    split.blobs().forEach((sha256, tensor) -> blobs.put(sha256, tensor.data()));
    byte[] structure = OnnxWriter.toBytes(split.skeleton());
    MemorySegment content = MemorySegment.ofArray(structure).asReadOnly();
    String address = Digests.sha256(content);
    blobs.put(address, content);
    return new BlobRef(address, structure.length);
  }

  @Nullable MemorySegment find(String sha256) {
    return blobs.get(sha256);
  }

  /** What is held here as it is, the rest by way of {@code fetcher}. */
  Fetched fetch(Collection<BlobRef> wanted, Fetcher fetcher, Duration deadline) {
    Map<String, MemorySegment> found = new HashMap<>();
    List<BlobRef> missing = new ArrayList<>();
    for (BlobRef ref : wanted) {
      MemorySegment here = find(ref.sha256());
      if (here == null) {
        missing.add(ref);
      } else {
        found.put(ref.sha256(), here);
      }
    }
    if (missing.isEmpty()) {
      return new Fetched(found, 0);
    }
    Fetched fetched = fetcher.fetch(missing, deadline);
    found.putAll(fetched.blobs());
    return new Fetched(found, fetched.bytesFetched());
  }
}
