package dev.skein.cli;

import dev.skein.engine.ShapeProbe;
import dev.skein.graph.Model;
import dev.skein.infer.Workload;
import dev.skein.node.Node;
import dev.skein.onnx.OnnxReader;
import dev.skein.plan.Candidate;
import dev.skein.plan.Candidates;
import dev.skein.plan.ExactPlanner;
import dev.skein.plan.Goal;
import dev.skein.plan.Stage;
import dev.skein.state.Snapshot;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What the swarm could do with a model, what each way would take, and which is chosen. */
@Command(
    name = "plan",
    description = "Shows how a model could be placed on the swarm, and the choice with its reason.",
    mixinStandardHelpOptions = true)
final class PlanCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = "an ONNX file")
  private Path file = Path.of("");

  @Option(
      names = "--goal",
      defaultValue = "latency",
      description = "${COMPLETION-CANDIDATES} (${DEFAULT-VALUE})")
  private Goal goal = Goal.LATENCY;

  @Option(
      names = "--dim",
      paramLabel = "NAME=SIZE",
      description = "size of a named axis of the inputs (default: 1)")
  private Map<String, Long> dims = Map.of();

  @Option(names = "--asks-only", description = "this device gives work and takes none")
  private boolean asksOnly;

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  @Mixin private NodeOptions options = new NodeOptions();

  record StageRow(String device, int fromCut, int toCut, long weightBytes) {}

  record Row(
      String kind,
      List<StageRow> stages,
      double latencyMs,
      double throughputPerS,
      long bytesMoved,
      boolean optimal) {}

  record Report(String model, String goal, List<Row> candidates, Row choice, String reason) {}

  @Override
  public Integer call() {
    Model model = OnnxReader.read(file);
    String name = "planner-" + ProcessHandle.current().pid();
    try (Node node = Node.start(options.settings(!asksOnly, name))) {
      Workload workload = node.survey(model, ShapeProbe.zeros(model, dims));
      node.refresh();
      Snapshot snapshot = node.neighbours().state().snapshot(node.id(), any -> true);
      if (snapshot.nodes().isEmpty()) {
        throw new UsageException(
            "no device could work: start one with 'skein node', or leave out --asks-only");
      }
      Candidates candidates =
          Candidates.of(new ExactPlanner(), workload.costs(), snapshot.swarm(), goal);
      print(report(candidates, workload));
    }
    return 0;
  }

  private Report report(Candidates candidates, Workload workload) {
    List<Row> rows = new ArrayList<>();
    candidates.alone().forEach(one -> rows.add(row("alone", one, workload)));
    candidates.pairs().forEach(one -> rows.add(row("pair", one, workload)));
    return new Report(
        String.valueOf(file.getFileName()),
        goal.name().toLowerCase(Locale.ROOT),
        rows,
        row("choice", candidates.chosen(), workload),
        candidates.reason());
  }

  private static Row row(String kind, Candidate candidate, Workload workload) {
    List<StageRow> stages = new ArrayList<>();
    for (int i = 0; i < candidate.devices().size(); i++) {
      Stage stage = candidate.plan().stages().get(i);
      stages.add(
          new StageRow(
              candidate.devices().get(i),
              stage.from(),
              stage.to(),
              Candidate.weightBytes(stage, workload.costs())));
    }
    return new Row(
        kind,
        stages,
        candidate.plan().latencyMillis(),
        candidate.plan().requestsPerSecond(),
        candidate.bytesMoved(),
        candidate.plan().optimal());
  }

  private void print(Report report) {
    if (json) {
      System.out.println(Json.line(report));
      return;
    }
    Table table = new Table("", "devices and segments", "latency ms", "requests/s", "moved");
    report.candidates().forEach(row -> add(table, row));
    add(table, report.choice());
    System.out.print(table);
    System.out.println();
    System.out.println(
        report.reason() + (report.choice().optimal() ? "" : " (not proven to be the best)"));
  }

  private static void add(Table table, Row row) {
    List<String> stages =
        row.stages().stream()
            .map(stage ->
                "%s %d-%d (%s)"
                    .formatted(
                        stage.device(),
                        stage.fromCut(),
                        stage.toCut(),
                        Units.text((double) stage.weightBytes())))
            .toList();
    table.row(
        row.kind(),
        String.join(" > ", stages),
        row.latencyMs(),
        row.throughputPerS(),
        Units.text((double) row.bytesMoved()));
  }
}
