package dev.skein.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whose tensors a frame carries.
 *
 * @param request number of the request within its deployment
 * @param attempt counts how often the requester has sent this request
 * @param stage that is to run it; the number of stages for an answer, which goes to the requester
 * @param timings one for every stage behind it, in order
 * @param failure one line if the request failed
 */
public record FrameHeader(
    String deployment,
    long request,
    int attempt,
    int stage,
    List<StageTiming> timings,
    @Nullable String failure) {
  public FrameHeader {
    timings = List.copyOf(timings);
  }
}
