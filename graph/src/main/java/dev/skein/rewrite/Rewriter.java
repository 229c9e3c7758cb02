package dev.skein.rewrite;

import dev.skein.graph.Model;
import dev.skein.graph.OneLine;
import dev.skein.graph.Patch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Applies passes to a model and says which of them changed it. */
public final class Rewriter {
  private static final int MOST_ROUNDS = 20;
  // From this version of the file format on, a weight need not be an input as well.
  private static final long FREE_WEIGHTS = 4;

  private final List<Rewrite> rewrites;
  private final UnaryOperator<Model> typing;

  /**
   * @param typing declares the types of intermediate values as far as they can be known; asked once
   *     before the first pass, and again after each that changed something
   */
  public Rewriter(List<Rewrite> rewrites, UnaryOperator<Model> typing) {
    this.rewrites = List.copyOf(rewrites);
    this.typing = typing;
  }

  /**
   * A pass that changed the model.
   *
   * @param nodesBefore count of nodes
   * @param nodesAfter count of nodes
   */
  public record Step(String rewrite, int nodesBefore, int nodesAfter) {}

  /**
   * @param model the very model that was given, if there are no steps
   * @param steps in the order in which they were done
   */
  public record Result(Model model, List<Step> steps) {
    public Result {
      steps = List.copyOf(steps);
    }
  }

  /**
   * Applies the passes in turn, each until it finds nothing, and the whole list again until none
   * does, at most {@value #MOST_ROUNDS} times.
   *
   * @throws RewriteException if a pass fails, breaks the graph, or comes to no end
   */
  public Result apply(Model model) {
    Run run = new Run(typing.apply(model.with(model.graph().withoutDefaults())));
    for (int round = 0; round < MOST_ROUNDS; round++) {
      int before = run.steps.size();
      rewrites.forEach(run::apply);
      if (run.steps.size() == before) {
        break;
      }
    }
    return new Result(run.steps.isEmpty() ? model : freed(run.scope.model()), run.steps);
  }

  private static Model freed(Model model) {
    return new Model(
        model.graph(),
        Math.max(model.irVersion(), FREE_WEIGHTS),
        model.opsets(),
        model.metadata(),
        model.rest());
  }

  private final class Run {
    private Scope scope;
    private final List<Step> steps = new ArrayList<>();

    Run(Model model) {
      scope = new Scope(model);
    }

    void apply(Rewrite rewrite) {
      int nodes = scope.nodes().size();
      // Every application is at least one place done; a pass that undoes its own work would go on.
      for (int times = 0; times <= nodes + MOST_ROUNDS; times++) {
        if (!step(rewrite)) {
          if (times > 0) {
            steps.add(new Step(rewrite.name(), nodes, scope.nodes().size()));
            type(rewrite);
          }
          return;
        }
      }
      throw new RewriteException(
          "pass %s comes to no end on graph %s; leave it out with --passes"
              .formatted(rewrite.name(), OneLine.quote(scope.graph().name())));
    }

    private boolean step(Rewrite rewrite) {
      try {
        Patch patch = rewrite.find(scope);
        if (patch.isEmpty()) {
          return false;
        }
        scope = new Scope(scope.model().with(patch.apply(scope.graph())));
        return true;
      } catch (RuntimeException e) {
        throw failed(rewrite, e);
      }
    }

    private void type(Rewrite rewrite) {
      try {
        scope = new Scope(typing.apply(scope.model()));
      } catch (RuntimeException e) {
        throw failed(rewrite, e);
      }
    }
  }

  private static RewriteException failed(Rewrite rewrite, RuntimeException cause) {
    String message = cause.getMessage();
    return new RewriteException(
        "pass %s: %s".formatted(rewrite.name(), message == null ? cause.toString() : message),
        cause);
  }
}
