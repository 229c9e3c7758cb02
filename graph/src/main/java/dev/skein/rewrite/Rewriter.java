package dev.skein.rewrite;

import dev.skein.graph.Dim;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.OneLine;
import dev.skein.graph.Patch;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
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
   *     before the first pass, after each whose changes may tell more, and at the end
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
    if (!run.untyped.isEmpty()) {
      run.type();
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
    // Passes since types were last asked for, one of which is to blame if they cannot be told.
    private final Set<String> untyped = new LinkedHashSet<>();

    Run(Model model) {
      scope = new Scope(model);
    }

    void apply(Rewrite rewrite) {
      Graph before = scope.graph();
      int nodes = before.nodes().size();
      // Every application is at least one place done; a pass that undoes its own work would go on.
      for (int times = 0; times <= nodes + MOST_ROUNDS; times++) {
        if (!step(rewrite)) {
          if (times > 0) {
            steps.add(new Step(rewrite.name(), nodes, scope.nodes().size()));
            untyped.add(rewrite.name());
            if (mayTellMore(before, scope.graph())) {
              type();
            }
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
        throw failed(rewrite.name(), e);
      }
    }

    void type() {
      try {
        scope = new Scope(typing.apply(scope.model()));
        untyped.clear();
      } catch (RuntimeException e) {
        throw failed(String.join(", ", untyped), e);
      }
    }
  }

  /**
   * Whether there are new values without a type, or new constants from which types that are not
   * complete may follow. What is declared of values that stay remains true.
   */
  private static boolean mayTellMore(Graph before, Graph after) {
    Set<String> known = new HashSet<>();
    before.nodes().forEach(node -> known.addAll(node.makes()));
    after.annotations().forEach(value -> known.add(value.name()));
    after.outputs().forEach(value -> known.add(value.name()));
    boolean open = !after.annotations().stream().allMatch(Rewriter::isComplete);
    return after.nodes().stream().anyMatch(node -> !known.containsAll(node.makes()))
        || (open && !before.weights().keySet().containsAll(after.weights().keySet()));
  }

  private static boolean isComplete(Value value) {
    TensorType type = value.type();
    List<Dim> dims = type == null ? null : type.dims();
    return dims != null && dims.stream().allMatch(dim -> dim.isFixed() || dim.symbol() != null);
  }

  private static RewriteException failed(String passes, RuntimeException cause) {
    String message = cause.getMessage();
    return new RewriteException(
        "pass %s: %s".formatted(passes, message == null ? cause.toString() : message), cause);
  }
}
