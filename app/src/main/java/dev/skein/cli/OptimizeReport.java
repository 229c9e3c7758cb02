package dev.skein.cli;

import dev.skein.graph.Model;
import dev.skein.optimize.Footprint;
import dev.skein.optimize.Optimizer;
import dev.skein.optimize.Trial;
import dev.skein.rewrite.Rewriter;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What {@code skein optimize} did.
 *
 * @param scores null without data
 * @param leftOut passes that would have changed the result, or cost time
 * @param quantized null unless asked for
 */
record OptimizeReport(
    String model,
    String output,
    Sides sides,
    @Nullable Scores scores,
    List<Rewriter.Step> passes,
    List<Optimizer.Dropped> leftOut,
    @Nullable Quantized quantized) {

  /**
   * A model as a file.
   *
   * @param fileBytes -1 if it was built and not read
   * @param millis one run on one thread, by ONNX Runtime with all its optimisations
   */
  record Side(Footprint footprint, long fileBytes, double millis) {}

  /**
   * @param ratio time after over time before, in one run
   * @param difference greatest, from the plain result, relative to its range
   */
  record Sides(Side before, Side after, double ratio, double difference) {
    /**
     * Measures all but the files.
     *
     * @param timing of the model beside the plain one; null if that is still to be measured
     */
    static Sides of(Trial trial, Model model, Trial.@Nullable Timing timing) {
      Trial.Timing times = timing == null ? trial.time(model) : timing;
      return new Sides(
          new Side(Footprint.of(trial.plain(), trial.sample()), -1, times.plain()),
          new Side(Footprint.of(model, trial.sample()), -1, times.other()),
          times.ratio(),
          trial.difference(model));
    }

    Sides withFiles(long bytesBefore, long bytesAfter) {
      return new Sides(
          new Side(before.footprint(), bytesBefore, before.millis()),
          new Side(after.footprint(), bytesAfter, after.millis()),
          ratio,
          difference);
    }
  }

  /**
   * On data that calibration has not seen.
   *
   * @param before right answers in percent; null if the data has no labels
   * @param after the same of the written model
   * @param agreement answers of the two that are the same, in percent
   */
  record Scores(int samples, @Nullable Double before, @Nullable Double after, double agreement) {
    private static final double MOST_POINTS_LOST = 1;

    /** What speaks against the written model; empty if nothing does. */
    String lost() {
      double lost = before == null || after == null ? 0 : before - after;
      return lost <= MOST_POINTS_LOST
          ? ""
          : String.format(Locale.ROOT, ", but it loses %.1f points of top-1", lost);
    }
  }

  /**
   * @param kept whether the written model is the quantised one
   * @param ratio time over the rewritten model's
   * @param difference from the rewritten model's result, relative to its range
   */
  record Quantized(
      String kind, boolean kept, long operators, double ratio, double difference, String reason) {}

  void print(PrintStream out, boolean whole) {
    out.printf(
        Locale.ROOT,
        "%s -> %s: %s -> %s, %d -> %d nodes, %.2f of the time, difference %.1e%n",
        model,
        output,
        text(sides.before().fileBytes()),
        Units.text((double) sides.after().fileBytes()),
        sides.before().footprint().nodes(),
        sides.after().footprint().nodes(),
        sides.ratio(),
        sides.difference());
    if (whole) {
      out.println();
      out.println(table());
      out.println(passes.isEmpty() ? "no pass found anything to change" : steps());
    }
    leftOut.forEach(each -> out.println("left out " + each.pass() + ": it " + each.reason()));
    if (quantized != null) {
      out.printf(
          "%s: %s; %s%n",
          quantized.kind(), quantized.reason(), quantized.kept() ? "kept" : "not kept");
    }
  }

  private Table table() {
    Side before = sides.before();
    Side after = sides.after();
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
    table.row("latency ms", text(before.millis()), text(after.millis()), sides.ratio());
    table.row("difference", null, String.format(Locale.ROOT, "%.1e", sides.difference()), null);
    if (scores != null) {
      if (scores.before() != null && scores.after() != null) {
        table.row("top-1 %", text(scores.before()), text(scores.after()), null);
      }
      table.row("same answers %", null, text(scores.agreement()), null);
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
    table.row(what, text(before), text(after), before <= 0 ? null : (double) after / before);
  }

  /** A model that was built has no file. */
  private static String text(long bytes) {
    return bytes < 0 ? "–" : Units.text((double) bytes);
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
