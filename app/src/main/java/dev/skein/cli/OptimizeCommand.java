package dev.skein.cli;

import dev.skein.demo.NamedModel;
import dev.skein.engine.ConstantRun;
import dev.skein.graph.Model;
import dev.skein.graph.Weight;
import dev.skein.input.Catalogue;
import dev.skein.input.DataFolder;
import dev.skein.input.InputReader;
import dev.skein.input.LabelledData;
import dev.skein.input.Labels;
import dev.skein.onnx.OnnxWriter;
import dev.skein.optimize.Accuracy;
import dev.skein.optimize.Optimizer;
import dev.skein.optimize.QuantizationTrial;
import dev.skein.optimize.Samples;
import dev.skein.optimize.Trial;
import dev.skein.quantize.CalibrationMethod;
import dev.skein.quantize.RangeRule;
import dev.skein.rewrite.DeadCode;
import dev.skein.rewrite.Passes;
import dev.skein.rewrite.Rewrite;
import dev.skein.rewrite.RewriteException;
import dev.skein.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a model smaller and faster, and says what it was and what it is. */
@Command(
    name = "optimize",
    description =
        "Rewrites a model so that it gives the same and is never slower on this device; with"
            + " --quantize also in smaller numbers.",
    mixinStandardHelpOptions = true)
final class OptimizeCommand implements Callable<Integer> {
  private static final int SAMPLES = 3;
  private static final int SEED = 7;
  private static final Duration QUICK = Duration.ofMillis(600);
  private static final Duration THOROUGH = Duration.ofSeconds(3);

  @Parameters(paramLabel = "MODEL", description = ModelSource.DESCRIPTION)
  private String source = "";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "OUT",
      required = true,
      description = "where the optimised model goes; may be MODEL itself")
  private Path output = Path.of("");

  @Option(
      names = "--passes",
      split = ",",
      paramLabel = "PASS",
      description = "only these passes, in this order (default: all that there are)")
  private List<String> passes = List.of();

  @Option(
      names = "--quantize",
      description =
          "${COMPLETION-CANDIDATES}: bytes with ranges from --calibrate; bytes with ranges found on"
              + " every run; weights stored in half precision")
  private QuantizationTrial.@Nullable Kind quantize;

  @Option(
      names = "--calibrate",
      paramLabel = "DATA",
      description =
          "a folder of pictures or .npy files, of such folders named by label, of CIFAR-10 or MNIST;"
              + " what calibration leaves is scored, before and after")
  private @Nullable Path data;

  @Option(
      names = "--method",
      defaultValue = "percentile",
      description = "how ranges come from calibration: ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE})")
  private CalibrationMethod method = CalibrationMethod.PERCENTILE;

  @Option(
      names = "--samples",
      defaultValue = "256",
      description = "how many inputs to calibrate with (${DEFAULT-VALUE})")
  private int samples = 256;

  @Option(
      names = "--score",
      paramLabel = "N",
      defaultValue = "1000",
      description = "how many inputs to score on, at most (${DEFAULT-VALUE})")
  private int score = 1000;

  @Option(names = "--keep", description = "write the quantised model even if it does not pay here")
  private boolean keep;

  @Option(
      names = "--dim",
      paramLabel = "NAME=SIZE",
      description = "size of a named axis of the inputs (default: 1)")
  private Map<String, Long> dims = Map.of();

  @Option(
      names = "--report",
      description = "measure longer and print tables: before, after, passes")
  private boolean report;

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  @Mixin private RecipeOptions recipe = new RecipeOptions();

  @Override
  public Integer call() {
    if (samples < 1 || score < 1) {
      throw new UsageException("--samples and --score must be at least 1");
    }
    if (quantize == QuantizationTrial.Kind.STATIC && data == null) {
      throw new UsageException("--quantize static needs --calibrate DATA");
    }
    if (keep && quantize == null) {
      throw new UsageException("--keep is for --quantize, which is not asked for");
    }
    requireWritable();
    NamedModel named = ModelSource.read(source);
    Model model = named.model();
    Dims.check(model, dims);
    Optional<DataFolder> folder = folder(named);
    Trial trial = trial(model, Samples.random(model, dims, SAMPLES, SEED));
    Optimizer.Outcome rewritten = Optimizer.optimize(trial, passes());
    Choice choice = choose(rewritten.model(), trial, folder);
    // What was measured on the way is good enough, unless tables are asked for.
    boolean measured = !report && choice.model().equals(rewritten.model());
    OptimizeReport.Sides sides =
        OptimizeReport.Sides.of(trial, choice.model(), measured ? rewritten.timing() : null);
    long bytesBefore = size(named);
    // Last of all: what fails before leaves the old file as it is.
    OnnxWriter.write(described(named, choice.model()), output);
    OptimizeReport done =
        new OptimizeReport(
            named.name(),
            String.valueOf(output.getFileName()),
            sides.withFiles(bytesBefore, size(NamedModel.read(output))),
            choice.scores(),
            rewritten.steps(),
            rewritten.dropped(),
            choice.quantized());
    if (json) {
      System.out.println(Json.line(done));
    } else {
      done.print(System.out, report);
    }
    return 0;
  }

  private void requireWritable() {
    Path folder = Objects.requireNonNull(output.toAbsolutePath().getParent(), "a folder");
    boolean taken = Files.exists(output) && !Files.isRegularFile(output);
    if (taken || !Files.isWritable(folder)) {
      throw new UsageException("-o " + output + ": no file can be written there");
    }
  }

  private Trial trial(Model plain, List<Map<String, Tensor>> inputs) {
    return new Trial(plain, inputs, report ? THOROUGH : QUICK);
  }

  private List<Rewrite> passes() {
    List<Rewrite> all = Passes.standard(ConstantRun::outputs);
    if (passes.isEmpty()) {
      return all;
    }
    try {
      List<Rewrite> chosen = new ArrayList<>(Passes.named(passes, all));
      // Passes leave behind what they replace.
      chosen.add(new DeadCode());
      return chosen;
    } catch (RewriteException e) {
      throw new UsageException("--passes: " + e.getMessage());
    }
  }

  private Optional<DataFolder> folder(NamedModel named) {
    if (data == null) {
      return Optional.empty();
    }
    InputReader reader = InputReader.of(named.model(), named.file(), recipe.preprocess());
    Labels labels = InputReader.labels(named.model(), named.file(), recipe.labels()).orElse(null);
    return Optional.of(DataFolder.open(data, reader, labels, samples, SEED));
  }

  /**
   * What is written, and why.
   *
   * @param scores null without data
   * @param quantized null unless asked for
   */
  private record Choice(
      Model model,
      OptimizeReport.@Nullable Scores scores,
      OptimizeReport.@Nullable Quantized quantized) {}

  private Choice choose(Model rewritten, Trial plain, Optional<DataFolder> folder) {
    if (quantize == null) {
      return new Choice(rewritten, scores(plain.plain(), rewritten, folder), null);
    }
    Iterable<Map<String, Tensor>> calibration =
        folder
            .<Iterable<Map<String, Tensor>>>map(found -> found.calibration().tensors())
            .orElse(List.of());
    QuantizationTrial tried =
        QuantizationTrial.of(
            trial(rewritten, plain.samples()), quantize, calibration, RangeRule.of(method));
    OptimizeReport.Scores scores = scores(plain.plain(), tried.model(), folder);
    String lost = scores == null ? "" : scores.lost();
    boolean kept = keep || (tried.pays() && lost.isEmpty());
    return new Choice(
        kept ? tried.model() : rewritten,
        kept ? scores : scores(plain.plain(), rewritten, folder),
        new OptimizeReport.Quantized(
            tried.kind().name().toLowerCase(Locale.ROOT),
            kept,
            tried.operators(),
            tried.ratio(),
            tried.difference(),
            tried.reason() + lost));
  }

  /** What is known of the model's input and answers stays with it when its file changes. */
  private static Model described(NamedModel named, Model model) {
    Map<String, String> metadata = new LinkedHashMap<>(model.metadata());
    Optional<Catalogue.Entry> known =
        Optional.ofNullable(named.file()).flatMap(Catalogue.shared()::model);
    known
        .map(Catalogue.Entry::preprocess)
        .ifPresent(text -> metadata.putIfAbsent(InputReader.RECIPE_KEY, text));
    known
        .map(Catalogue.Entry::labels)
        .ifPresent(text -> metadata.putIfAbsent(InputReader.LABELS_KEY, text));
    return new Model(model.graph(), model.irVersion(), model.opsets(), metadata, model.rest());
  }

  private OptimizeReport.@Nullable Scores scores(
      Model plain, Model other, Optional<DataFolder> folder) {
    if (folder.isEmpty()) {
      return null;
    }
    LabelledData evaluation = folder.get().evaluation();
    Map<String, Model> models = new LinkedHashMap<>();
    models.put("before", plain);
    models.put("after", other);
    Map<String, Accuracy.Score> scores = Accuracy.compare(models, evaluation, score);
    Accuracy.Score before = Objects.requireNonNull(scores.get("before"));
    Accuracy.Score after = Objects.requireNonNull(scores.get("after"));
    boolean labelled = evaluation.isLabelled();
    return new OptimizeReport.Scores(
        after.samples(),
        labelled ? before.top1() : null,
        labelled ? after.top1() : null,
        after.agreement());
  }

  /** Bytes of a model's file and of the weights beside it; -1 if it was built and not read. */
  private static long size(NamedModel named) {
    if (named.file() == null) {
      return -1;
    }
    try {
      long weights =
          named.model().graph().weights().values().stream().mapToLong(Weight::bytes).sum();
      long file = Files.size(named.file());
      return file < weights ? file + weights : file;
    } catch (IOException e) {
      throw new UncheckedIOException(named.file() + " cannot be read", e);
    }
  }
}
