package dev.skein.cli;

import dev.skein.engine.ConstantRun;
import dev.skein.graph.Model;
import dev.skein.onnx.OnnxReader;
import dev.skein.onnx.OnnxWriter;
import dev.skein.optimize.Footprint;
import dev.skein.optimize.Optimizer;
import dev.skein.optimize.Samples;
import dev.skein.optimize.Trial;
import dev.skein.rewrite.Passes;
import dev.skein.rewrite.Rewrite;
import dev.skein.rewrite.RewriteException;
import dev.skein.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
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
  private static final long LEAST_OPSET = 7;
  private static final int SAMPLES = 3;
  private static final int SEED = 7;
  private static final Duration QUICK = Duration.ofMillis(600);
  private static final Duration THOROUGH = Duration.ofSeconds(3);

  @Parameters(paramLabel = "MODEL", description = "an ONNX file")
  private Path source = Path.of("");

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

  @Override
  public Integer call() {
    Model model = OnnxReader.read(source);
    requireFit(model);
    Dims.check(model, dims);
    List<Map<String, Tensor>> samples = Samples.random(model, dims, SAMPLES, SEED);
    Trial trial = new Trial(model, samples, report ? THOROUGH : QUICK);
    Optimizer.Outcome outcome = Optimizer.optimize(trial, passes());
    long bytesBefore = size(source);
    OnnxWriter.write(outcome.model(), output);
    OptimizeReport done = report(trial, outcome, bytesBefore);
    if (json) {
      System.out.println(Json.line(done));
    } else {
      done.print(System.out, report);
    }
    return 0;
  }

  private void requireFit(Model model) {
    long opset = model.opsets().getOrDefault("", 0L);
    if (opset < LEAST_OPSET) {
      throw new UsageException(
          "%s has opset %d; export it with 7 or later".formatted(source, opset));
    }
    Path folder = Objects.requireNonNull(output.toAbsolutePath().getParent(), "a folder");
    if (Files.isDirectory(output) || !Files.isWritable(folder)) {
      throw new UsageException("-o " + output + ": no file can be written there");
    }
  }

  private List<Rewrite> passes() {
    List<Rewrite> all = Passes.standard(ConstantRun::outputs);
    try {
      return passes.isEmpty() ? all : Passes.named(passes, all);
    } catch (RewriteException e) {
      throw new UsageException("--passes: " + e.getMessage());
    }
  }

  private OptimizeReport report(Trial trial, Optimizer.Outcome outcome, long bytesBefore) {
    Model after = OnnxReader.read(output);
    Map<String, Model> models = new LinkedHashMap<>();
    models.put("before", trial.plain());
    models.put("after", after);
    Map<String, Double> millis = trial.millis(models);
    double before = Objects.requireNonNull(millis.get("before"));
    double now = Objects.requireNonNull(millis.get("after"));
    return new OptimizeReport(
        String.valueOf(source.getFileName()),
        String.valueOf(output.getFileName()),
        side(trial.plain(), trial, bytesBefore, before),
        side(after, trial, size(output), now),
        now / before,
        trial.difference(after),
        outcome.steps(),
        outcome.dropped(),
        null);
  }

  private static OptimizeReport.Side side(Model model, Trial trial, long bytes, double millis) {
    return new OptimizeReport.Side(Footprint.of(model, trial.sample()), bytes, millis, null);
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
  }
}
