package dev.skein.cli;

import dev.skein.demo.FileTask;
import dev.skein.demo.RequestStream;
import dev.skein.infer.Pipeline;
import dev.skein.infer.Workload;
import dev.skein.node.Node;
import dev.skein.node.NodeSettings;
import dev.skein.plan.ExactPlanner;
import dev.skein.plan.Goal;
import dev.skein.plan.Plan;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs a model on input, on this device or over the swarm. */
@Command(
    name = "infer",
    description = "Runs a model, on this device or split over the swarm.",
    mixinStandardHelpOptions = true)
final class InferCommand implements Callable<Integer> {
  /** How the work is spread. */
  enum Mode {
    /** The plan of least latency; this device alone if no split is faster. */
    AUTO,
    /** This device alone. */
    LOCAL,
    /** The plan of greatest throughput. */
    PIPELINE
  }

  @Parameters(index = "0", paramLabel = "MODEL", description = ModelSource.DESCRIPTION)
  private String model = "";

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "INPUT",
      description = "images, .npy files, sentences, NAME=FILE, or random:SEED")
  private List<String> inputs = List.of();

  @Option(
      names = "--mode",
      defaultValue = "auto",
      description =
          "${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}): least latency; this device alone; greatest"
              + " throughput, which may be one device too")
  private Mode mode = Mode.AUTO;

  @Option(
      names = "--repeat",
      defaultValue = "1",
      description = "how often to run each input (${DEFAULT-VALUE})")
  private int repeat = 1;

  @Option(
      names = "--budget",
      paramLabel = "SIZE",
      description =
          "run on this device alone, in segments whose weights come and go, so that the model takes"
              + " no more memory than this, such as 16m")
  private @Nullable String budget;

  @Option(names = "--asks-only", description = "this device gives work and takes none")
  private boolean asksOnly;

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  @Mixin private RecipeOptions recipe = new RecipeOptions();
  @Mixin private NodeOptions options = new NodeOptions();

  record Answered(String input, String answer) {}

  record StageRow(String device, int fromCut, int toCut) {}

  record Report(
      String model,
      String mode,
      List<StageRow> stages,
      double predictedMs,
      double predictedPerS,
      double latencyMsP50,
      double latencyMsP95,
      double throughputPerS,
      long bytesMoved,
      List<Answered> answers) {}

  @Override
  public Integer call() {
    if (repeat < 1) {
      throw new UsageException("--repeat " + repeat + " is not at least 1");
    }
    if (mode == Mode.LOCAL && asksOnly) {
      throw new UsageException("--mode local and --asks-only leave no device to work");
    }
    FileTask task =
        FileTask.of(ModelSource.read(model), inputs, recipe.preprocess(), recipe.labels());
    if (budget != null) {
      return withinBudget(task, Units.bytes("--budget", budget));
    }
    String name = "requester-" + ProcessHandle.current().pid();
    NodeSettings.Role role = asksOnly ? NodeSettings.Role.ASKER : NodeSettings.Role.OWN_WORK;
    try (Node node = Node.start(options.settings(role, name))) {
      Workload workload = node.survey(task.model(), task.inputs(0));
      node.refresh();
      Goal goal = mode == Mode.PIPELINE ? Goal.THROUGHPUT : Goal.LATENCY;
      Predicate<String> eligible = mode == Mode.LOCAL ? node.id()::equals : any -> true;
      try (Pipeline pipeline =
          Pipeline.open(node.neighbours(), workload, new ExactPlanner(), goal, eligible)) {
        return report(node, task, pipeline);
      }
    }
  }

  private int withinBudget(FileTask task, long bytes) {
    if (mode == Mode.PIPELINE || asksOnly) {
      throw new UsageException("--budget is for this device alone, not for --mode pipeline");
    }
    BudgetedInfer.Report report = new BudgetedInfer(task, bytes, repeat).run();
    if (json) {
      System.out.println(Json.line(report));
    } else {
      BudgetedInfer.print(report);
    }
    return 0;
  }

  private int report(Node node, FileTask task, Pipeline pipeline) {
    int number = repeat * task.size();
    int concurrency = mode == Mode.PIPELINE ? pipeline.window() : 1;
    Plan plan = pipeline.plan();
    List<String> nodes = pipeline.nodes();
    List<StageRow> stages =
        IntStream.range(0, nodes.size())
            .mapToObj(i ->
                new StageRow(
                    node.name(nodes.get(i)),
                    plan.stages().get(i).from(),
                    plan.stages().get(i).to()))
            .toList();
    RequestStream stream;
    try (Progress progress = new Progress("requests", number, json)) {
      stream = RequestStream.run(pipeline, task, number, concurrency, progress::reached);
    }
    String failure = firstFailure(stream);
    if (failure != null) {
      throw new IllegalStateException(failure);
    }
    Report report =
        new Report(
            task.modelName(),
            mode.name().toLowerCase(Locale.ROOT),
            stages,
            plan.latencyMillis(),
            plan.requestsPerSecond(),
            stream.latencyMillis(0.5),
            stream.latencyMillis(0.95),
            stream.perSecond(),
            stream.bytesMoved(),
            answers(task, stream));
    print(report);
    if (pipeline.recoveries() > 0) {
      System.err.printf(
          "skein: devices were lost on the way; now %s%n",
          String.join(" > ", pipeline.nodes().stream().map(node::name).toList()));
    }
    return 0;
  }

  private static @Nullable String firstFailure(RequestStream stream) {
    return stream.done().stream()
        .map(RequestStream.Done::failure)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  private static List<Answered> answers(FileTask task, RequestStream stream) {
    return stream.done().stream()
        .limit(task.size())
        .filter(one -> one.answer() != null)
        .map(one ->
            new Answered(
                task.question(one.request()), task.answer(one.request(), one.answer().outputs())))
        .toList();
  }

  private void print(Report report) {
    if (json) {
      System.out.println(Json.line(report));
      return;
    }
    Table answers = new Table("input", "answer");
    report.answers().forEach(one -> answers.row(one.input(), one.answer()));
    System.out.print(answers);
    System.out.println();
    Table stages = new Table("stage", "device", "segments");
    for (int i = 0; i < report.stages().size(); i++) {
      StageRow stage = report.stages().get(i);
      stages.row(i + 1, stage.device(), stage.fromCut() + " to " + stage.toCut());
    }
    System.out.print(stages);
    System.out.printf(
        "latency %.1f ms (95 %%: %.1f), %.1f requests/s; predicted %.1f ms when alone, at most"
            + " %.1f requests/s; %s moved a request%n",
        report.latencyMsP50(),
        report.latencyMsP95(),
        report.throughputPerS(),
        report.predictedMs(),
        report.predictedPerS(),
        Units.text((double) report.bytesMoved()));
  }
}
