package dev.skein.infer;

import dev.skein.tensor.Tensor;
import dev.skein.wire.StageTiming;
import java.util.List;
import java.util.Map;

/**
 * The one answer to a request.
 *
 * @param outputs the model's outputs by name
 * @param millis from the call to the answer
 * @param bytesMoved between devices, on the way that led to the answer
 * @param attempts 1 unless a node was lost on the way
 */
public record Answer(
    Map<String, Tensor> outputs,
    double millis,
    long bytesMoved,
    int attempts,
    List<StageTiming> timings) {}
