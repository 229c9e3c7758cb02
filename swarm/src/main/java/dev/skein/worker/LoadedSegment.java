package dev.skein.worker;

import dev.skein.engine.Session;
import dev.skein.graph.Segment;
import dev.skein.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A segment ready to run.
 *
 * @param session null if the segment has no operators of its own
 * @param inputs values that the operators read
 * @param passed values that cross the segment untouched
 * @param bytes memory that it takes: weights, and activations at its two cuts
 */
record LoadedSegment(
    Key key, @Nullable Session session, List<String> inputs, List<String> passed, long bytes)
    implements AutoCloseable {

  /** What makes two segments the same: the model's structure and the two cuts. */
  record Key(String skeleton, Segment segment) {}

  /**
   * @param frontier the values of the segment's first cut, perhaps more
   * @return the values of its last cut
   */
  Map<String, Tensor> run(Map<String, Tensor> frontier) {
    Map<String, Tensor> given = new LinkedHashMap<>();
    for (String name : inputs) {
      given.put(name, require(frontier, name));
    }
    Map<String, Tensor> result =
        new LinkedHashMap<>(session == null ? Map.of() : session.run(given));
    for (String name : passed) {
      result.put(name, require(frontier, name));
    }
    return result;
  }

  private static Tensor require(Map<String, Tensor> frontier, String name) {
    Tensor tensor = frontier.get(name);
    if (tensor == null) {
      throw new WorkerException("value '" + name + "' did not arrive with its frame");
    }
    return tensor;
  }

  @Override
  public void close() {
    if (session != null) {
      session.close();
    }
  }
}
