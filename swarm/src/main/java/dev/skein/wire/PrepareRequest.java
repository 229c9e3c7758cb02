package dev.skein.wire;

import dev.skein.tensor.TensorSpec;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Asks a node to get ready for one stage of a deployment.
 *
 * @param requester node id of who asks, to whom answers go
 * @param skeleton the model without its big weights
 * @param stages the whole chain, in order
 * @param stage index in {@code stages} of the receiver's own
 * @param sample specs of the values that enter the stage, for a warm-up
 * @param window requests that may wait in the stage's queue
 */
public record PrepareRequest(
    String deployment,
    String requester,
    Endpoint requesterEndpoint,
    BlobRef skeleton,
    List<Route> stages,
    int stage,
    Map<String, TensorSpec> sample,
    int window) {
  public PrepareRequest {
    stages = List.copyOf(stages);
    sample = Collections.unmodifiableMap(new LinkedHashMap<>(sample));
    if (stage < 0 || stage >= stages.size()) {
      throw new IllegalArgumentException(
          "stage " + stage + " is not one of the " + stages.size() + " stages");
    }
    if (window < 1) {
      throw new IllegalArgumentException("window " + window + " is below 1");
    }
  }
}
