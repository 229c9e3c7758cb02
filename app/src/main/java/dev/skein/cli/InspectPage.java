package dev.skein.cli;

import dev.skein.cli.Inspection.BranchRow;
import dev.skein.cli.Inspection.Memory;
import dev.skein.cli.Inspection.NodeRow;
import dev.skein.cli.Inspection.ParallelRow;
import dev.skein.cli.Inspection.Report;
import dev.skein.cli.Inspection.SegmentRow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What {@code skein inspect} prints for people: of a large model, what weighs most. */
final class InspectPage {
  private static final int MOST_ROWS = 40;
  private static final int MOST_REGIONS = 16;
  private static final int MOST_FLOWS = 6;
  private static final int NAME = 44;

  private final Report report;
  private final StringBuilder page = new StringBuilder();

  private InspectPage(Report report) {
    this.report = report;
  }

  /**
   * @param operators whether each node gets a row
   */
  static String of(Report report, boolean operators) {
    return new InspectPage(report).print(operators);
  }

  private String print(boolean all) {
    head();
    operators();
    memory();
    flows();
    segments();
    if (all) {
      nodes();
    }
    return page.toString();
  }

  private void head() {
    line(report.model() + ", opsets: " + opsets());
    line("in:  " + String.join(", ", report.inputs()));
    line("out: " + String.join(", ", report.outputs()));
    line(
        "%s parameters; %d weights of %s; about %s ms here"
            .formatted(
                count(report.parameters()),
                report.weights(),
                Units.text((double) report.weightBytes()),
                fraction(report.millis(), 2)));
    line(
        "%s multiply-accumulates; %s moved as written, %s multiply-accumulates a byte"
            .formatted(
                count(report.macs()),
                Units.text((double) report.bytesMoved()),
                fraction(report.intensity(), 1)));
    line("");
  }

  private String opsets() {
    return report.opsets().entrySet().stream()
        .map(set -> (set.getKey().isEmpty() ? "onnx" : set.getKey()) + " " + set.getValue())
        .collect(Collectors.joining(", "));
  }

  private void operators() {
    record Sum(String op, long nodes, long macs, long parameters, double millis) {}
    Map<String, List<NodeRow>> byOperator =
        report.nodes().stream().collect(Collectors.groupingBy(NodeRow::op));
    Table table = new Table("operator", "nodes", "MMACs", "parameters", "ms");
    byOperator.entrySet().stream()
        .map(entry ->
            new Sum(
                entry.getKey(),
                entry.getValue().size(),
                entry.getValue().stream().mapToLong(NodeRow::macs).sum(),
                entry.getValue().stream().mapToLong(NodeRow::parameters).sum(),
                entry.getValue().stream().mapToDouble(NodeRow::millis).sum()))
        .sorted(Comparator.comparingDouble(Sum::millis).reversed().thenComparing(Sum::op))
        .forEach(sum ->
            table.row(
                sum.op(), sum.nodes(), mega(sum.macs()), count(sum.parameters()), sum.millis()));
    line(table.toString());
  }

  private void memory() {
    Memory memory = report.memory();
    long saved = memory.peakBytes() - memory.reorderedPeakBytes();
    line(
        "activation memory over the %d nodes in the file's order: peak %s"
            .formatted(report.nodes().size(), Units.text((double) memory.peakBytes())));
    if (memory.peakNode() >= 0) {
      line("  at node %d, %s".formatted(memory.peakNode(), memory.peakAt()));
    }
    line(
        saved > 0
            ? "  another order of the nodes needs %s (%s %% less)"
                .formatted(
                    Units.text((double) memory.reorderedPeakBytes()),
                    fraction(100.0 * saved / memory.peakBytes(), 0))
            : memory.peakAlone()
                ? "  all of it that node's own inputs and outputs: no order of the nodes needs less"
                : "  no order of the nodes was found that needs less");
    line(BlockChart.ofBytes(memory.bytes()));
  }

  private void flows() {
    int branches = report.flows().branches().size();
    List<ParallelRow> regions = report.flows().parallel();
    line(
        "%d %s; at most %d can run at one time%s"
            .formatted(
                branches,
                branches == 1 ? "branch" : "branches",
                report.flows().widest(),
                regions.isEmpty() ? "" : "; side by side in %d places".formatted(regions.size())));
    if (!regions.isEmpty()) {
      Table table =
          new Table("place", "at once", "branches", "nodes", "MMACs", "ms", "ms of the longest");
      List<ParallelRow> shown =
          largest(regions, MOST_REGIONS, Comparator.comparingDouble(this::millis));
      for (ParallelRow region : shown) {
        List<BranchRow> flows = branches(region);
        table.row(
            flows.getFirst().from(),
            region.widest(),
            ids(region.branches()),
            flows.stream().mapToLong(flow -> flow.nodes().size()).sum(),
            mega(flows.stream().mapToLong(BranchRow::macs).sum()),
            millis(region),
            flows.stream().mapToDouble(BranchRow::millis).max().orElse(0));
      }
      page.append(table);
      more(regions.size() - shown.size(), "places");
    }
    line("");
  }

  private List<BranchRow> branches(ParallelRow region) {
    return region.branches().stream().map(report.flows().branches()::get).toList();
  }

  private double millis(ParallelRow region) {
    return branches(region).stream().mapToDouble(BranchRow::millis).sum();
  }

  private static String ids(List<Integer> ids) {
    String few =
        ids.stream().limit(MOST_FLOWS).map(String::valueOf).collect(Collectors.joining(" "));
    return ids.size() <= MOST_FLOWS ? few : few + " and " + (ids.size() - MOST_FLOWS) + " more";
  }

  private void segments() {
    int between = report.segments().size();
    line(
        "%d cuts, %d %s between them"
            .formatted(report.cuts(), between, between == 1 ? "segment" : "segments"));
    Table table =
        new Table(
            "segment", "nodes", "MMACs", "weights", "activations", "ms", "cut behind", "cut bytes");
    List<SegmentRow> shown =
        largest(report.segments(), MOST_ROWS, Comparator.comparingDouble(SegmentRow::millis));
    for (SegmentRow row : shown) {
      table.row(
          row.segment(),
          row.nodes(),
          mega(row.macs()),
          Units.text((double) row.weightBytes()),
          Units.text((double) row.peakActivationBytes()),
          row.millis(),
          row.cut().stream().map(InspectPage::name).collect(Collectors.joining(" + ")),
          Units.text((double) row.cutBytes()));
    }
    page.append(table);
    more(report.segments().size() - shown.size(), "segments");
  }

  private void nodes() {
    Table table =
        new Table(
            "node",
            "operator",
            "MMACs",
            "parameters",
            "read",
            "written",
            "MACs/B",
            "ms",
            "memory",
            "output",
            "name");
    for (NodeRow row : report.nodes()) {
      table.row(
          row.node(),
          row.op(),
          mega(row.macs()),
          row.parameters(),
          Units.text((double) row.bytesRead()),
          Units.text((double) row.bytesWritten()),
          row.intensity(),
          row.millis(),
          Units.text((double) row.memoryBytes()),
          row.output(),
          name(row.name()));
    }
    line("");
    page.append(table);
  }

  /** The largest, in the order in which they stand. */
  private static <T> List<T> largest(List<T> rows, int most, Comparator<T> size) {
    if (rows.size() <= most) {
      return rows;
    }
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      places.add(i);
    }
    Comparator<Integer> bySize = Comparator.comparing(rows::get, size);
    return places.stream().sorted(bySize.reversed()).limit(most).sorted().map(rows::get).toList();
  }

  private void more(int left, String what) {
    if (left > 0) {
      line("and %d %s that take less time: --json lists them".formatted(left, what));
    }
  }

  /** The end of a name says most. */
  private static String name(String text) {
    return text.length() <= NAME ? text : "…" + text.substring(text.length() - NAME + 1);
  }

  private static double mega(long macs) {
    return macs / 1e6;
  }

  private static String count(long number) {
    if (number >= 1_000_000_000) {
      return fraction(number / 1e9, 2) + " G";
    }
    if (number >= 1_000_000) {
      return fraction(number / 1e6, 2) + " M";
    }
    return number >= 10_000 ? fraction(number / 1e3, 1) + " k" : Long.toString(number);
  }

  private static String fraction(double number, int decimals) {
    return String.format(Locale.ROOT, "%." + decimals + "f", number);
  }

  private void line(String text) {
    page.append(text).append('\n');
  }
}
