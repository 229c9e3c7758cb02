package dev.skein.lab.experiment;

import dev.skein.architecture.Architectures;
import dev.skein.cli.Experiment;
import dev.skein.cli.Json;
import dev.skein.cli.Table;
import dev.skein.elastic.Compression;
import dev.skein.elastic.LowRank;
import dev.skein.elastic.PruneChannels;
import dev.skein.engine.Optimization;
import dev.skein.graph.Model;
import dev.skein.input.DataFolder;
import dev.skein.input.InputReader;
import dev.skein.onnx.OnnxReader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Table IV of CrowdHMTware: what each level of optimisation brings, alone and together, with ONNX
 * Runtime's own optimisations off (so that it is plain what is ours) and on (which is how models
 * are run). The paper's figures are of ResNet-18 on a Snapdragon 855 after retraining; nothing is
 * retrained here, so low-rank and pruned models lose what they lose.
 */
public final class EngineLevels implements Experiment {
  private static final String RESNET18 = "random:resnet18@224";
  private static final int CALIBRATION = 1;
  private static final long SEED = 7;

  @Override
  public String name() {
    return "engine";
  }

  @Override
  public String shows() {
    return "what fusion, branch parallelism, low rank and pruning bring (CrowdHMTware, Table IV)";
  }

  /**
   * A model and how far to compress it.
   *
   * @param data what it is scored on; null if its weights are random or there is no data for it
   */
  record Subject(
      String name,
      Model model,
      Compression lowRank,
      Compression pruned,
      @Nullable DataFolder data) {}

  /**
   * @param runtime whether ONNX Runtime's own optimisations are off or on
   * @param top1 in percent
   * @param fasterPercent less time than the original's, in percent
   * @param paperFasterPercent the same in the paper
   * @param reason why branches do not run side by side, if they were to
   */
  record Row(
      String model,
      String runtime,
      String method,
      @Nullable Double top1,
      long weightBytes,
      long peakActivationBytes,
      double millis,
      double fasterPercent,
      @Nullable Double paperFasterPercent,
      String reason) {}

  @Override
  public Result run(boolean quick, PrintStream out) throws Exception {
    Duration time = Duration.ofSeconds(quick ? 5 : 30);
    int images = quick ? 500 : 10_000;
    List<Row> rows = new ArrayList<>();
    for (Subject subject : subjects()) {
      out.println(subject.name());
      LevelContest contest = new LevelContest(subject, time, images);
      for (Optimization runtime : List.of(Optimization.NONE, Optimization.ALL)) {
        rows.addAll(contest.run(runtime));
      }
    }
    out.print(table(rows));
    return new Result(rows.stream().map(Json::row).toList(), claims(rows));
  }

  private static List<Subject> subjects() {
    Model resnet18 = Architectures.parse(RESNET18).orElseThrow();
    LowRank third = LowRank.ofPortion(0.34);
    PruneChannels half = new PruneChannels(0.5, 8);
    LowRank gentle = LowRank.ofEnergy(0.97);
    PruneChannels quarter = new PruneChannels(0.25, 16);
    return List.of(
        new Subject(RESNET18, resnet18, third, half, null),
        file("cifar10_resnet56.onnx", gentle, quarter, "data/cifar10"),
        file("mobilenetv2_cifar10.onnx", gentle, quarter, "data/cifar10"),
        file("squeezenet1.1.onnx", gentle, quarter, null));
  }

  private static Subject file(
      String name, Compression lowRank, Compression pruned, @Nullable String data) {
    Path file = Models.model(name);
    Model model = OnnxReader.read(file);
    InputReader reader = InputReader.of(model, file, null);
    DataFolder folder =
        data == null
            ? null
            : DataFolder.open(Models.data().resolve(data), reader, null, CALIBRATION, SEED);
    return new Subject(name, model, lowRank, pruned, folder);
  }

  private static Table table(List<Row> rows) {
    Table table =
        new Table(
            "model",
            "runtime's own",
            "method",
            "top-1 %",
            "weights MB",
            "activations MB",
            "ms",
            "less time %",
            "paper %",
            "note");
    for (Row row : rows) {
      table.row(
          row.model(),
          row.runtime(),
          row.method(),
          row.top1() == null ? null : "%.2f".formatted(row.top1()),
          "%.2f".formatted(row.weightBytes() / 1e6),
          "%.2f".formatted(row.peakActivationBytes() / 1e6),
          "%.3f".formatted(row.millis()),
          "%.1f".formatted(row.fasterPercent()),
          row.paperFasterPercent() == null ? null : "%.1f".formatted(row.paperFasterPercent()),
          row.reason());
    }
    return table;
  }

  /**
   * Fusion changes no result, so it may cost no time either, whoever else optimises. The paper's
   * figures are held against ResNet-18 with the runtime's own optimisations off: it had none.
   */
  private static List<Claim> claims(List<Row> rows) {
    List<Claim> claims = new ArrayList<>();
    for (Row row : rows) {
      if (row.method().equals(LevelContest.FUSION)) {
        double ratio = 1 - row.fasterPercent() / 100;
        claims.add(
            new Claim(
                "time with fusion over the original's, %s, runtime's own %s"
                    .formatted(row.model(), row.runtime()),
                1.02,
                ratio,
                ratio <= 1.02));
      }
      Double paper = row.paperFasterPercent();
      if (paper != null && row.model().equals(RESNET18) && row.runtime().equals("off")) {
        claims.add(
            new Claim(
                "percent less time, %s, %s".formatted(row.model(), row.method()),
                paper,
                row.fasterPercent(),
                row.fasterPercent() >= paper));
      }
    }
    return claims;
  }
}
