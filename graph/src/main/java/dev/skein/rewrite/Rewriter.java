package dev.skein.rewrite;

import dev.skein.graph.Graph;
import dev.skein.graph.GraphException;
import dev.skein.graph.Model;
import dev.skein.graph.Patch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Applies passes to a model and says which of them changed it. */
public final class Rewriter {
  private static final int MOST_ROUNDS = 20;

  private final List<Rewrite> rewrites;
  private final UnaryOperator<Model> typing;

  /**
   * @param typing declares the types of intermediate values as far as they can be known
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

  public record Result(Model model, List<Step> steps) {
    public Result {
      steps = List.copyOf(steps);
    }
  }

  /**
   * Applies the passes in turn, each until it finds nothing, and the whole list again until none
   * does.
   *
   * @throws RewriteException if a pass fails, breaks the graph, or comes to no end
   */
  public Result apply(Model model) {
    List<Step> steps = new ArrayList<>();
    Model at = typing.apply(model.with(model.graph().withoutDefaults()));
    for (int round = 0; round < MOST_ROUNDS; round++) {
      int before = steps.size();
      for (Rewrite rewrite : rewrites) {
        at = apply(rewrite, at, steps);
      }
      if (steps.size() == before) {
        break;
      }
    }
    return new Result(at, steps);
  }

  private Model apply(Rewrite rewrite, Model model, List<Step> steps) {
    int nodes = model.graph().nodes().size();
    Model at = model;
    // Every application is at least one place done; a pass that undoes its own work would go on.
    for (int times = 0; times <= nodes + MOST_ROUNDS; times++) {
      Patch patch = find(rewrite, at);
      if (patch.isEmpty()) {
        if (times == 0) {
          return model;
        }
        steps.add(new Step(rewrite.name(), nodes, at.graph().nodes().size()));
        return typing.apply(at);
      }
      at = at.with(patched(rewrite, patch, at.graph()));
    }
    throw new RewriteException(
        "pass %s comes to no end on graph '%s'; leave it out with --passes"
            .formatted(rewrite.name(), model.graph().name()));
  }

  private static Patch find(Rewrite rewrite, Model model) {
    try {
      return rewrite.find(new Scope(model));
    } catch (RuntimeException e) {
      throw failed(rewrite, e);
    }
  }

  private static Graph patched(Rewrite rewrite, Patch patch, Graph graph) {
    try {
      return patch.apply(graph);
    } catch (GraphException e) {
      throw failed(rewrite, e);
    }
  }

  private static RewriteException failed(Rewrite rewrite, RuntimeException cause) {
    return new RewriteException(
        "pass %s: %s".formatted(rewrite.name(), String.valueOf(cause.getMessage())), cause);
  }
}
