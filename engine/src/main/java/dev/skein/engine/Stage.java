package dev.skein.engine;

import ai.onnxruntime.OnnxTensor;
import dev.skein.graph.Segment;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A segment of a model in a session of its own.
 *
 * @param inputs what it reads: memory of the slab; null for what the caller gives
 * @param outputs what it makes; null for what the caller gets
 * @param weights range of the mapped file, empty if it has none there
 * @param unused ranges of the slab to be released before it
 * @param needed ranges of the slab that were released before and that it needs
 */
record Stage(
    Segment segment,
    OpenModel open,
    Map<String, @Nullable OnnxTensor> inputs,
    Map<String, @Nullable OnnxTensor> outputs,
    MemorySegment weights,
    List<MemorySegment> unused,
    List<MemorySegment> needed,
    boolean stays) {
  void run(Map<String, OnnxTensor> given, Map<String, OnnxTensor> wanted) {
    unused.forEach(Pages::release);
    needed.forEach(Pages::bring);
    try {
      open.runBound(bound(inputs, given), bound(outputs, wanted));
    } finally {
      if (!stays) {
        release();
      }
    }
  }

  /** Has its weights read into the system's cache while others compute. */
  void fetch() {
    if (!stays) {
      Pages.fetch(weights);
    }
  }

  void release() {
    if (weights.byteSize() > 0) {
      weights.unload();
    }
  }

  private static Map<String, OnnxTensor> bound(
      Map<String, @Nullable OnnxTensor> own, Map<String, OnnxTensor> others) {
    Map<String, OnnxTensor> bound = new LinkedHashMap<>();
    own.forEach((name, tensor) ->
        bound.put(name, tensor == null ? Objects.requireNonNull(others.get(name), name) : tensor));
    return bound;
  }
}
