package dev.skein.cli;

import dev.skein.demo.NamedModel;
import dev.skein.engine.ShapeProbe;
import dev.skein.graph.Model;
import dev.skein.infer.Workload;
import dev.skein.node.Node;
import dev.skein.node.NodeSettings;
import dev.skein.plan.Candidate;
import dev.skein.plan.Candidates;
import dev.skein.plan.Goal;
import dev.skein.plan.Swarm;
import dev.skein.state.Snapshot;
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
  @Parameters(paramLabel = "MODEL", description = ModelSource.DESCRIPTION)
  private String source = "";

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

  record StageRow(String device, int fromCut, int toCut, long memoryBytes) {}

  record Row(
      String kind,
      List<StageRow> stages,
      double latencyMs,
      double throughputPerS,
      long bytesMoved,
      boolean chosen) {}

  record Report(String model, String goal, List<Row> candidates, boolean optimal, String reason) {}

  @Override
  public Integer call() {
    NamedModel named = ModelSource.read(source);
    Model model = named.model();
    Dims.check(model, dims);
    String name = "planner-" + ProcessHandle.current().pid();
    NodeSettings.Role role = asksOnly ? NodeSettings.Role.ASKER : NodeSettings.Role.OWN_WORK;
    try (Node node = Node.start(options.settings(role, name))) {
      Workload workload = node.survey(model, ShapeProbe.zeros(model, dims));
      node.refresh();
      Snapshot snapshot = node.neighbours().state().snapshot(node.id(), any -> true);
      if (snapshot.nodes().isEmpty()) {
        throw new UsageException(
            "no device could work: start one with 'skein node', or leave out --asks-only");
      }
      print(
          report(
              named.name(),
              Candidates.of(workload.costs(), snapshot.swarm(), goal),
              snapshot.swarm()));
    }
    return 0;
  }

  private Report report(String model, Candidates candidates, Swarm swarm) {
    return new Report(
        model,
        goal.name().toLowerCase(Locale.ROOT),
        candidates.plans().stream().map(candidate -> row(candidate, swarm)).toList(),
        candidates.chosen().plan().optimal(),
        candidates.reason());
  }

  private static Row row(Candidate candidate, Swarm swarm) {
    List<StageRow> stages =
        candidate.plan().stages().stream()
            .map(stage ->
                new StageRow(
                    swarm.devices().get(stage.device()).name(),
                    stage.from(),
                    stage.to(),
                    candidate.memoryBytes().getOrDefault(stage.device(), 0L)))
            .toList();
    return new Row(
        candidate.label(),
        stages,
        candidate.plan().latencyMillis(),
        candidate.plan().requestsPerSecond(),
        candidate.bytesMoved(),
        candidate.chosen());
  }

  private void print(Report report) {
    if (json) {
      System.out.println(Json.line(report));
      return;
    }
    Table table =
        new Table("", "candidate", "segments and memory", "latency ms", "requests/s", "moved");
    report.candidates().forEach(row -> add(table, row));
    System.out.print(table);
    System.out.println();
    System.out.println(report.reason() + (report.optimal() ? "" : " (not proven to be the best)"));
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
                        Units.text((double) stage.memoryBytes())))
            .toList();
    table.row(
        row.chosen() ? "*" : "",
        row.kind(),
        String.join(" > ", stages),
        row.latencyMs(),
        row.throughputPerS(),
        Units.text((double) row.bytesMoved()));
  }
}
