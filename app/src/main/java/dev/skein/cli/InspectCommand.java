package dev.skein.cli;

import dev.skein.cost.SegmentCost;
import dev.skein.engine.ShapeProbe;
import dev.skein.graph.Cut;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Value;
import dev.skein.graph.Weight;
import dev.skein.node.Survey;
import dev.skein.onnx.OnnxReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is in a model, and where it can be cut. */
@Command(
    name = "inspect",
    description = "Shows a model's operators, costs, cuts and segments.",
    mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = "an ONNX file")
  private Path file = Path.of("");

  @Option(
      names = "--dim",
      paramLabel = "NAME=SIZE",
      description = "size of a named axis of the inputs (default: 1)")
  private Map<String, Long> dims = Map.of();

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  record SegmentRow(
      int segment,
      int nodes,
      long macs,
      long weightBytes,
      long peakActivationBytes,
      double millis,
      List<String> cut,
      long cutBytes) {}

  record Report(
      String model,
      Map<String, Long> opsets,
      List<String> inputs,
      List<String> outputs,
      Map<String, Long> operators,
      long weights,
      long weightBytes,
      long macs,
      double millis,
      List<SegmentRow> segments) {}

  @Override
  public Integer call() {
    Model model = OnnxReader.read(file);
    Dims.check(model, dims);
    Report report = report(Survey.of(model, ShapeProbe.zeros(model, dims)), model);
    if (json) {
      System.out.println(Json.line(report));
    } else {
      print(report);
    }
    return 0;
  }

  private Report report(Survey survey, Model model) {
    Graph graph = model.graph();
    Map<String, Long> operators = new TreeMap<>();
    for (Node node : graph.nodes()) {
      String op = node.domain().isEmpty() ? node.op() : node.domain() + "." + node.op();
      operators.merge(op, 1L, Long::sum);
    }
    List<SegmentRow> rows = rows(survey);
    return new Report(
        String.valueOf(file.getFileName()),
        model.opsets(),
        graph.requiredInputs().stream().map(InspectCommand::text).toList(),
        graph.outputs().stream().map(InspectCommand::text).toList(),
        operators,
        graph.weights().size(),
        graph.weights().values().stream().mapToLong(Weight::bytes).sum(),
        rows.stream().mapToLong(SegmentRow::macs).sum(),
        rows.stream().mapToDouble(SegmentRow::millis).sum(),
        rows);
  }

  private static List<SegmentRow> rows(Survey survey) {
    List<SegmentRow> rows = new ArrayList<>();
    List<SegmentCost> costs = survey.costs().segments();
    for (int i = 0; i < costs.size(); i++) {
      Cut from = survey.cuts().get(i);
      Cut to = survey.cuts().get(i + 1);
      SegmentCost cost = costs.get(i);
      rows.add(
          new SegmentRow(
              i,
              to.position() - from.position(),
              cost.macs(),
              cost.weightBytes(),
              cost.activationBytes(),
              cost.referenceMillis(),
              to.values(),
              survey.costs().cutBytes()[i + 1]));
    }
    return rows;
  }

  private static String text(Value value) {
    return value.name() + " " + value.type();
  }

  private static String opsets(Report report) {
    return report.opsets().entrySet().stream()
        .map(set -> (set.getKey().isEmpty() ? "onnx" : set.getKey()) + " " + set.getValue())
        .collect(Collectors.joining(", "));
  }

  private static void print(Report report) {
    System.out.println(report.model() + ", opsets: " + opsets(report));
    System.out.println("in:  " + String.join(", ", report.inputs()));
    System.out.println("out: " + String.join(", ", report.outputs()));
    System.out.printf(
        "%d weights of %s; %.1f M multiply-accumulates; about %.2f ms here%n%n",
        report.weights(),
        Units.text((double) report.weightBytes()),
        report.macs() / 1e6,
        report.millis());
    Table operators = new Table("operator", "nodes");
    report.operators().entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .forEach(entry -> operators.row(entry.getKey(), entry.getValue()));
    System.out.println(operators);
    Table segments =
        new Table(
            "segment", "nodes", "MMACs", "weights", "activations", "ms", "cut behind", "cut bytes");
    for (SegmentRow row : report.segments()) {
      segments.row(
          row.segment(),
          row.nodes(),
          row.macs() / 1e6,
          Units.text((double) row.weightBytes()),
          Units.text((double) row.peakActivationBytes()),
          row.millis(),
          String.join(" + ", row.cut()),
          Units.text((double) row.cutBytes()));
    }
    System.out.print(segments);
  }
}
