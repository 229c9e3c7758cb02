package dev.skein.demo;

import dev.skein.engine.Session;
import dev.skein.engine.SessionOptions;
import dev.skein.infer.Answer;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The plain model's results, which every other way of running it is compared with. */
public final class Reference {
  /** Sums of rounding in another order stay far below this share of an output's range. */
  public static final double TOLERANCE = 1e-4;

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
    return difference(outputs.get(request), others);
  }

  /** Answers of a stream that are not the plain result; those that never came do not count. */
  public long wrong(RequestStream stream) {
    return stream.done().stream()
        .filter(one -> one.answer() != null && difference(one) > TOLERANCE)
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

  public static double difference(Map<String, Tensor> expected, Map<String, Tensor> actual) {
    double worst = expected.keySet().equals(actual.keySet()) ? 0 : 1;
    for (Map.Entry<String, Tensor> entry : expected.entrySet()) {
      Tensor other = actual.get(entry.getKey());
      worst = Math.max(worst, other == null ? 1 : difference(entry.getValue(), other));
    }
    return worst;
  }

  private static double difference(Tensor expected, Tensor actual) {
    if (expected.type() != actual.type() || !expected.shape().equals(actual.shape())) {
      return 1;
    }
    if (expected.type() != ElementType.FLOAT) {
      return expected.data().mismatch(actual.data()) < 0 ? 0 : 1;
    }
    float[] want = expected.toFloats();
    float[] got = actual.toFloats();
    double least = Double.POSITIVE_INFINITY;
    double greatest = Double.NEGATIVE_INFINITY;
    double worst = 0;
    for (int i = 0; i < want.length; i++) {
      least = Math.min(least, want[i]);
      greatest = Math.max(greatest, want[i]);
      if (Float.compare(want[i], got[i]) == 0) {
        continue;
      }
      double difference = Math.abs((double) want[i] - got[i]);
      worst = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(worst, difference);
    }
    return worst == 0 ? 0 : worst / Math.max(greatest - least, Float.MIN_NORMAL);
  }
}
