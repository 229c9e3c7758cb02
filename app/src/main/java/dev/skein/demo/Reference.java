package dev.skein.demo;

import dev.skein.engine.Session;
import dev.skein.engine.SessionOptions;
import dev.skein.infer.Answer;
import dev.skein.tensor.Difference;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The plain model's results, which every other way of running it is compared with. */
public final class Reference {
  private final List<Map<String, Tensor>> outputs = new ArrayList<>();

  public Reference(Task task) {
    try (Session session = Session.open(task.model(), SessionOptions.defaults())) {
      for (int request = 0; request < task.size(); request++) {
        outputs.add(session.run(task.inputs(request)));
      }
    }
  }

  public Map<String, Tensor> outputs(int request) {
    return outputs.get(request);
  }

  /**
   * The greatest absolute difference from the plain result, relative to its range; 1 for values
   * that are not floats and differ at all, or for a missing or misshapen output.
   */
  public double difference(int request, Map<String, Tensor> others) {
    return Difference.of(outputs.get(request), others);
  }

  /** Answers of a stream that are not the plain result; those that never came do not count. */
  public long wrong(RequestStream stream) {
    return stream.done().stream()
        .filter(one -> one.answer() != null && difference(one) > Difference.TOLERANCE)
        .count();
  }

  /** The greatest difference in a stream; an answer that never came is as different as can be. */
  public double worst(RequestStream stream) {
    return stream.done().stream().mapToDouble(this::difference).max().orElse(1);
  }

  private double difference(RequestStream.Done done) {
    Answer answer = done.answer();
    return answer == null ? 1 : difference(done.request(), answer.outputs());
  }
}
