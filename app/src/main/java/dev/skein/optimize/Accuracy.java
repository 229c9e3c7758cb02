package dev.skein.optimize;

import dev.skein.engine.Session;
import dev.skein.engine.SessionOptions;
import dev.skein.graph.Model;
import dev.skein.input.InputException;
import dev.skein.input.LabelledData;
import dev.skein.input.Labels;
import dev.skein.tensor.Difference;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How often models are right, and how often two of them say the same. */
public final class Accuracy {
  private static final int BATCH = 64;
  private static final long MOST_BYTES = 16 << 20;

  private final Map<String, Session> sessions;
  private final Map<String, Tally> tallies = new LinkedHashMap<>();

  /**
   * How one model did.
   *
   * @param samples looked at
   * @param correct samples whose label has the highest score; 0 without labels
   * @param agreeing samples that have the same highest score as with the first model; 0 if the
   *     output is not scores
   * @param difference the greatest of any output from the first model's, relative to its range
   */
  public record Score(int samples, int correct, int agreeing, double difference) {
    /** In percent of the samples. */
    public double top1() {
      return 100.0 * correct / samples;
    }

    /** In percent of the samples. */
    public double agreement() {
      return 100.0 * agreeing / samples;
    }
  }

  private static final class Tally {
    int samples;
    int correct;
    int agreeing;
    double difference;

    Score score() {
      return new Score(samples, correct, agreeing, difference);
    }
  }

  private Accuracy(Map<String, Session> sessions) {
    this.sessions = sessions;
    sessions.keySet().forEach(name -> tallies.put(name, new Tally()));
  }

  /**
   * Share of a data set's samples, in percent, whose label is the model's first choice.
   *
   * @param limit samples to look at, from the first
   * @throws InputException if the data has no labels, no sample, or the model gives no scores
   */
  public static double top1(Model model, LabelledData data, int limit) {
    if (!data.isLabelled()) {
      throw new InputException(data.name() + " has no labels: accuracy cannot be told");
    }
    return compare(Map.of("model", model), data, limit).values().iterator().next().top1();
  }

  /**
   * Has several models answer the same samples; each sample is read once.
   *
   * @param models the plain one first; all take the same inputs
   * @param limit samples to look at, from the first
   * @throws InputException if a sample cannot be read, or there is none
   * @throws dev.skein.engine.EngineException if a model fails
   */
  public static Map<String, Score> compare(
      Map<String, Model> models, LabelledData data, int limit) {
    Map<String, Session> sessions = new LinkedHashMap<>();
    SessionOptions options =
        SessionOptions.defaults().withThreads(Runtime.getRuntime().availableProcessors());
    try {
      models.forEach((name, model) -> sessions.put(name, Session.open(model, options)));
      Accuracy accuracy = new Accuracy(sessions);
      accuracy.run(data, limit, models.values().stream().allMatch(Batches::areTaken));
      Map<String, Score> scores = new LinkedHashMap<>();
      accuracy.tallies.forEach((name, tally) -> scores.put(name, tally.score()));
      return scores;
    } finally {
      sessions.values().forEach(Session::close);
    }
  }

  private void run(LabelledData data, int limit, boolean batched) {
    int count = Math.min(limit, data.size());
    if (count < 1) {
      throw new InputException(data.name() + " has no sample to score models on");
    }
    List<LabelledData.Sample> batch = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      LabelledData.Sample sample = data.sample(i);
      if (!batch.isEmpty() && !(batched && joins(batch, sample))) {
        answer(batch);
        batch.clear();
      }
      batch.add(sample);
    }
    answer(batch);
  }

  private static boolean joins(List<LabelledData.Sample> batch, LabelledData.Sample sample) {
    long bytes = sample.tensors().values().stream().mapToLong(Tensor::bytes).sum();
    return batch.size() < BATCH
        && bytes * batch.size() < MOST_BYTES
        && Batches.fit(batch.getFirst().tensors(), sample.tensors());
  }

  private void answer(List<LabelledData.Sample> batch) {
    Map<String, Tensor> input =
        Batches.stack(batch.stream().map(LabelledData.Sample::tensors).toList());
    Map<String, Tensor> expected = null;
    for (Map.Entry<String, Session> entry : sessions.entrySet()) {
      Map<String, Tensor> outputs = entry.getValue().run(input);
      expected = expected == null ? outputs : expected;
      count(batch, expected, outputs, tallies.get(entry.getKey()));
    }
  }

  private static void count(
      List<LabelledData.Sample> batch,
      Map<String, Tensor> expected,
      Map<String, Tensor> outputs,
      @Nullable Tally tally) {
    if (tally == null) {
      return;
    }
    tally.samples += batch.size();
    tally.difference = Math.max(tally.difference, Difference.of(expected, outputs));
    Tensor scores = outputs.values().iterator().next();
    Tensor wanted = expected.values().iterator().next();
    boolean labelled = batch.getFirst().label() >= 0;
    if (!Labels.isScores(scores) || scores.shape().dim(0) != batch.size()) {
      if (labelled) {
        throw new InputException(
            "the output is " + scores + ", not scores of classes: accuracy cannot be told");
      }
      return;
    }
    for (int row = 0; row < batch.size(); row++) {
      int first = Labels.first(scores, row);
      tally.correct += labelled && first == batch.get(row).label() ? 1 : 0;
      tally.agreeing += first == Labels.first(wanted, row) ? 1 : 0;
    }
  }
}
