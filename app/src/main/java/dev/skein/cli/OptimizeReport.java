package dev.skein.cli;

import dev.skein.optimize.Footprint;
import dev.skein.optimize.Optimizer;
import dev.skein.rewrite.Rewriter;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What {@code skein optimize} did.
 *
 * @param ratio time of the written model over that of the model as it came, in one run
 * @param difference from the plain result, relative to its range
 * @param quantized null unless asked for
 */
record OptimizeReport(
    String model,
    String output,
    Side before,
    Side after,
    double ratio,
    double difference,
    List<Rewriter.Step> passes,
    List<Optimizer.Dropped> leftOut,
    @Nullable Quantized quantized) {

  /**
   * A model as a file.
   *
   * @param millis one run on one thread, by ONNX Runtime with all its optimisations
   * @param top1 share of right answers on the data of {@code --score}; null without
   */
  record Side(Footprint footprint, long fileBytes, double millis, @Nullable Double top1) {}

  /**
   * @param kept whether the written model is quantised
   * @param ratio time over the rewritten model's
   * @param difference from the plain result, relative to its range
   */
  record Quantized(
      String kind, boolean kept, double ratio, double difference, int operators, String reason) {}

  void print(PrintStream out, boolean whole) {
    out.printf(
        Locale.ROOT,
        "%s -> %s: %s -> %s, %d -> %d nodes, %.2f of the time, difference %.1e%n",
        model,
        output,
        Units.text((double) before.fileBytes()),
        Units.text((double) after.fileBytes()),
        before.footprint().nodes(),
        after.footprint().nodes(),
        ratio,
        difference);
    if (whole) {
      out.println();
      out.println(sides());
      out.println(steps());
    }
    leftOut.forEach(each -> out.println("left out " + each.pass() + ": it " + each.reason()));
    if (quantized != null) {
      out.println(quantized.kind() + ": " + quantized.reason());
    }
  }

  private Table sides() {
    Table table = new Table("", "before", "after", "after / before");
    row(table, "nodes", before.footprint().nodes(), after.footprint().nodes());
    row(table, "MACs (million)", before.footprint().macs() / 1e6, after.footprint().macs() / 1e6);
    bytes(table, "file", before.fileBytes(), after.fileBytes());
    bytes(table, "weights", before.footprint().weightBytes(), after.footprint().weightBytes());
    bytes(
        table,
        "peak activations",
        before.footprint().peakActivationBytes(),
        after.footprint().peakActivationBytes());
    table.row("latency ms", text(before.millis()), text(after.millis()), ratio);
    if (before.top1() != null && after.top1() != null) {
      table.row(
          "top-1 %",
          text(100 * before.top1()), text(100 * after.top1()), after.top1() / before.top1());
    }
    return table;
  }

  private static void row(Table table, String what, double before, double after) {
    if (before < 0 || after < 0) {
      table.row(what, null, null, null);
    } else {
      table.row(what, text(before), text(after), before == 0 ? null : after / before);
    }
  }

  private static void bytes(Table table, String what, long before, long after) {
    table.row(
        what,
        Units.text((double) before),
        Units.text((double) after),
        before == 0 ? null : (double) after / before);
  }

  private static String text(double value) {
    return value == Math.rint(value)
        ? String.valueOf((long) value)
        : String.format(Locale.ROOT, value < 10 ? "%.3f" : "%.1f", value);
  }

  private Table steps() {
    Table table = new Table("pass", "nodes before", "nodes after");
    passes.forEach(step -> table.row(step.rewrite(), step.nodesBefore(), step.nodesAfter()));
    return table;
  }
}
