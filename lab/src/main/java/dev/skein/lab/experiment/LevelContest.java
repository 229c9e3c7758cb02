package dev.skein.lab.experiment;

import dev.skein.cost.MemoryOrder;
import dev.skein.engine.ConstantRun;
import dev.skein.engine.Optimization;
import dev.skein.engine.ParallelSession;
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
  private static final int CORES = 2;

  private final Subject subject;
  private final Duration time;
  private final int images;
  private final Map<String, Tensor> sample;
  private final List<Level> levels;
  private final Map<String, Accuracy.Score> scores;

  private enum Cores {
    ONE,
    BRANCHES,
    OPERATORS
  }

  /**
   * One row of the table.
   *
   * @param cores what a second core is used for
   * @param paperPercent less time than the original's, in the paper; null if it has no such row
   */
  private record Level(String method, Model model, Cores cores, @Nullable Double paperPercent) {}

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
    Model fused = folded(original);
    Model lowRank = subject.lowRank().compress(original).model();
    Model pruned = subject.pruned().compress(original).model();
    Model all = ordered(subject.pruned().compress(fused).model());
    return List.of(
        new Level(ORIGINAL, original, Cores.ONE, null),
        new Level("low-rank", lowRank, Cores.ONE, 7.37),
        new Level("pruning", pruned, Cores.ONE, 31.19),
        new Level("branch parallelism", original, Cores.BRANCHES, 11.36),
        new Level(FUSION, fused, Cores.ONE, 35.91),
        new Level("parallelism + low-rank", lowRank, Cores.BRANCHES, 37.65),
        new Level("parallelism + pruning", pruned, Cores.BRANCHES, 38.35),
        new Level("parallelism + pruning + fusion + memory", all, Cores.BRANCHES, 48.4),
        new Level("runtime's own two threads", original, Cores.OPERATORS, null));
  }

  /** With its nodes in an order that keeps fewest bytes alive. */
  private Model ordered(Model model) {
    return model.with(MemoryOrder.of(model.graph(), ShapeProbe.probe(model, sample)));
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

  /**
   * A level that is ready to run.
   *
   * @param reason why its branches do not run side by side
   */
  private record Ready(Level level, Runnable turn, AutoCloseable session, String reason) {}

  List<Row> run(Optimization runtime) throws Exception {
    List<Ready> ready = new ArrayList<>();
    try {
      for (Level level : levels) {
        ready.add(open(level, SessionOptions.defaults().with(runtime)));
      }
      Map<String, Double> millis =
          Race.run(
              ready.stream()
                  .map(one -> new Race.Contender(one.level().method(), false, one.turn()))
                  .toList(),
              time);
      double original = Objects.requireNonNull(millis.get(ORIGINAL));
      List<Row> rows = new ArrayList<>();
      for (Ready one : ready) {
        double mine = Objects.requireNonNull(millis.get(one.level().method()));
        rows.add(row(one, runtime, mine, 100 * (1 - mine / original)));
      }
      return rows;
    } finally {
      for (Ready one : ready) {
        one.session().close();
      }
    }
  }

  private Ready open(Level level, SessionOptions options) {
    if (level.cores() == Cores.BRANCHES) {
      ParallelSession session = ParallelSession.open(level.model(), sample, CORES, options);
      return new Ready(level, () -> session.run(sample), session, session.reason());
    }
    int threads = level.cores() == Cores.OPERATORS ? CORES : 1;
    Session session = Session.open(level.model(), options.withThreads(threads));
    return new Ready(level, () -> session.run(sample), session, "");
  }

  private Row row(Ready ready, Optimization runtime, double millis, double faster) {
    Level level = ready.level();
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
        ready.reason());
  }
}
