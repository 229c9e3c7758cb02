package dev.skein.optimize;

import dev.skein.engine.EngineException;
import dev.skein.engine.ShapeProbe;
import dev.skein.graph.Model;
import dev.skein.rewrite.Rewrite;
import dev.skein.rewrite.RewriteException;
import dev.skein.rewrite.Rewriter;
import dev.skein.tensor.Difference;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites a model and keeps only the passes that leave its results equal and do not make it slower
 * on this device. What is compared is always the model as ONNX Runtime runs it with all its own
 * optimisations.
 */
public final class Optimizer {
  /** A pass is left out if it makes the model slower by more than measuring can be off. */
  public static final double MOST_SLOWER = 1.02;

  private final Trial trial;
  private final List<Rewrite> passes;
  private final List<Dropped> dropped = new ArrayList<>();

  private Optimizer(Trial trial, List<Rewrite> passes) {
    this.trial = trial;
    this.passes = passes;
  }

  /**
   * A pass that was left out.
   *
   * @param reason one line
   */
  public record Dropped(String pass, String reason) {}

  /**
   * @param steps passes that changed the model, in order
   * @param difference greatest difference from the plain result, relative to its range
   * @param timing beside the plain model; null if nothing was changed
   */
  public record Outcome(
      Model model,
      List<Rewriter.Step> steps,
      List<Dropped> dropped,
      double difference,
      Trial.@Nullable Timing timing) {
    public Outcome {
      steps = List.copyOf(steps);
      dropped = List.copyOf(dropped);
    }
  }

  /**
   * @param trial runs the plain model and others on the same inputs
   * @throws RewriteException if a pass fails
   * @throws EngineException if the plain model cannot be run
   */
  public static Outcome optimize(Trial trial, List<Rewrite> passes) {
    return new Optimizer(trial, passes).run();
  }

  private Outcome run() {
    Rewriter.Result result = rewrite(passes, trial.plain());
    double difference = difference(result);
    if (!(difference <= Difference.TOLERANCE)) {
      result = oneByOne(this::staysEqual);
      difference = difference(result);
    }
    Trial.Timing timing = timing(result);
    if (timing != null && timing.ratio() > MOST_SLOWER) {
      result = oneByOne(this::staysFast);
      difference = difference(result);
      timing = timing(result);
    }
    if (!(difference <= Difference.TOLERANCE) || (timing != null && timing.ratio() > MOST_SLOWER)) {
      dropped.add(new Dropped("the rest", "is not equal or not as fast when together"));
      return new Outcome(trial.plain(), List.of(), dropped, 0, null);
    }
    return new Outcome(result.model(), result.steps(), dropped, difference, timing);
  }

  private static Rewriter.Result rewrite(List<Rewrite> passes, Model model) {
    return new Rewriter(passes, ShapeProbe::annotate).apply(model);
  }

  /** Measured again if it looks bad: on a busy machine, once may be chance. */
  private Trial.@Nullable Timing timing(Rewriter.Result result) {
    if (result.steps().isEmpty()) {
      return null;
    }
    Trial.Timing timing = trial.time(result.model());
    return timing.ratio() <= MOST_SLOWER ? timing : trial.time(result.model());
  }

  private double difference(Rewriter.Result result) {
    return result.steps().isEmpty() ? 0 : difference(result.model());
  }

  /** Infinite for a model that no longer opens or runs. */
  private double difference(Model model) {
    try {
      return trial.difference(model);
    } catch (EngineException e) {
      return Double.POSITIVE_INFINITY;
    }
  }

  private interface Test {
    /** Why the pass must be left out; empty if it need not. */
    String verdict(Model rewritten);
  }

  /** Adds the passes one after the other and leaves out those that fail the test. */
  private Rewriter.Result oneByOne(Test test) {
    Set<String> out = new HashSet<>();
    dropped.forEach(each -> out.add(each.pass()));
    List<Rewrite> kept = new ArrayList<>();
    Rewriter.Result best = new Rewriter.Result(trial.plain(), List.of());
    for (Rewrite pass : passes) {
      if (out.contains(pass.name())) {
        continue;
      }
      List<Rewrite> more = new ArrayList<>(kept);
      more.add(pass);
      Rewriter.Result next = rewrite(more, trial.plain());
      String verdict = next.steps().equals(best.steps()) ? "" : test.verdict(next.model());
      if (verdict.isEmpty()) {
        kept = more;
        best = next;
      } else {
        dropped.add(new Dropped(pass.name(), verdict));
      }
    }
    return best;
  }

  private String staysEqual(Model rewritten) {
    double difference = difference(rewritten);
    return difference <= Difference.TOLERANCE
        ? ""
        : String.format(Locale.ROOT, "changes the result by %.1e of its range", difference);
  }

  private String staysFast(Model rewritten) {
    double ratio = trial.time(rewritten).ratio();
    return ratio <= MOST_SLOWER
        ? ""
        : String.format(Locale.ROOT, "makes the model %.2f times as slow here", ratio);
  }
}
