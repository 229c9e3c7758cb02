package dev.skein.wire;

import dev.skein.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One request's tensors on their way from stage to stage, or its answer.
 *
 * @param tensors by the name of the value, order kept
 */
public record Frame(FrameHeader header, Map<String, Tensor> tensors) {
  public Frame {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
  }

  /** Bytes of all tensors. */
  public long bytes() {
    return tensors.values().stream().mapToLong(Tensor::bytes).sum();
  }
}
