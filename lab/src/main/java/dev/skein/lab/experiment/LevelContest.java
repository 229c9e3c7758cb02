package dev.skein.lab.experiment;

import dev.skein.engine.ConstantRun;
import dev.skein.engine.Optimization;
import dev.skein.engine.Race;
import dev.skein.engine.Session;
import dev.skein.engine.SessionOptions;
import dev.skein.engine.ShapeProbe;
import dev.skein.graph.Model;
import dev.skein.lab.experiment.EngineLevels.Row;
import dev.skein.lab.experiment.EngineLevels.Subject;
import dev.skein.optimize.Accuracy;
import dev.skein.optimize.Footprint;
import dev.skein.optimize.Samples;
import dev.skein.rewrite.Passes;
import dev.skein.rewrite.Rewriter;
import dev.skein.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** All levels of one model against each other, in one race for each setting of the runtime. */
final class LevelContest {
  static final String FUSION = "fusion";
  private static final String ORIGINAL = "original";
  private static final int SEED = 7;

  private final Subject subject;
  private final Duration time;
  private final int images;
  private final Map<String, Tensor> sample;
  private final List<Level> levels;
  private final Map<String, Accuracy.Score> scores;

  /**
   * One row of the table.
   *
   * @param parallel whether branches run side by side
   * @param paperPercent less time than the original's, in the paper; null if it has no such row
   */
  private record Level(
      String method, Model model, boolean parallel, @Nullable Double paperPercent) {}

  LevelContest(Subject subject, Duration time, int images) {
    this.subject = subject;
    this.time = time;
    this.images = images;
    this.sample = Samples.random(subject.model(), Map.of(), 1, SEED).getFirst();
    this.levels = levels();
    this.scores = scores();
  }

  private List<Level> levels() {
    Model original = subject.model();
    Model lowRank = subject.lowRank().compress(folded(original)).model();
    Model pruned = subject.pruned().compress(folded(original)).model();
    return List.of(
        new Level(ORIGINAL, original, false, null),
        new Level("low-rank", lowRank, false, 7.37),
        new Level("pruning", pruned, false, 31.19),
        new Level(FUSION, folded(original), false, 35.91));
  }

  private static Model folded(Model model) {
    return new Rewriter(Passes.standard(ConstantRun::outputs), ShapeProbe::annotate)
        .apply(model)
        .model();
  }

  private Map<String, Accuracy.Score> scores() {
    if (subject.data() == null) {
      return Map.of();
    }
    Map<String, Model> models = new LinkedHashMap<>();
    levels.forEach(level -> models.put(level.method(), level.model()));
    return Accuracy.compare(models, subject.data().evaluation(), images);
  }

  List<Row> run(Optimization runtime) {
    SessionOptions options = SessionOptions.defaults().with(runtime);
    Map<String, Session> sessions = new LinkedHashMap<>();
    try {
      levels.forEach(level -> sessions.put(level.method(), Session.open(level.model(), options)));
      Map<String, Double> millis = Race.run(sessions, sample, time);
      double original = Objects.requireNonNull(millis.get(ORIGINAL));
      List<Row> rows = new ArrayList<>();
      for (Level level : levels) {
        double one = Objects.requireNonNull(millis.get(level.method()));
        rows.add(row(level, runtime, one, 100 * (1 - one / original)));
      }
      return rows;
    } finally {
      sessions.values().forEach(Session::close);
    }
  }

  private Row row(Level level, Optimization runtime, double millis, double faster) {
    Footprint footprint = Footprint.of(level.model(), sample);
    Accuracy.Score score = scores.get(level.method());
    return new Row(
        subject.name(),
        runtime == Optimization.NONE ? "off" : "on",
        level.method(),
        score == null ? null : score.top1(),
        footprint.weightBytes(),
        footprint.peakActivationBytes(),
        millis,
        faster,
        level.paperPercent(),
        "");
  }
}
