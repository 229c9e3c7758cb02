package dev.skein.engine;

import dev.skein.graph.Model;
import dev.skein.graph.Weight;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds a way to run a model within a budget: as it is but for layers that are too big for it; with
 * blocks of layers taken apart as well; with all of that in small pieces.
 */
final class BudgetSearch {
  private static final long LEAST_PIECE_BYTES = 1 << 20;
  private static final int MOST_PIECES = 32;
  private static final int PART_OF_BUDGET = 4;
  private static final int ROUNDS = 3;

  private final Model typed;
  private final SessionOptions options;
  private final Path folder;

  /**
   * @param model as ONNX Runtime takes it, with inputs of fixed shapes
   */
  BudgetSearch(Model model, SessionOptions options, TemporaryFolder folder) {
    this.options = options;
    this.folder = folder.path();
    this.typed = BudgetLayout.typed(model, this.folder);
  }

  record Found(BudgetLayout layout, BudgetPlan plan) {}

  /**
   * @throws EngineException if the budget is too small, saying what would do
   */
  Found within(long budget) {
    long part = Math.max(leastPiece(), budget / PART_OF_BUDGET);
    Model layers = Thinning.layers(typed, part, part);
    Model blocks = Thinning.blocks(layers, part);
    for (Model candidate : Stream.of(layers, blocks).distinct().toList()) {
      Optional<Found> found = best(layout(candidate, budget), budget);
      if (found.isPresent()) {
        return found.get();
      }
    }
    BudgetLayout tightest = tightest();
    return best(tightest, budget)
        .orElseThrow(() ->
            new EngineException(
                "model '%s' cannot run in %d bytes; give it %d or more"
                    .formatted(typed.graph().name(), budget, least(tightest))));
  }

  long least() {
    return least(tightest());
  }

  /** With memory shared ever more closely, in the order of the best plan so far. */
  private static Optional<Found> best(BudgetLayout layout, long budget) {
    Found best = found(layout, budget);
    BudgetLayout at = best == null ? closer(layout) : layout.inOrder(best.plan());
    for (int round = 0; round < ROUNDS; round++) {
      Found other = found(at, budget);
      if (other == null || (best != null && other.plan().cost() >= best.plan().cost())) {
        break;
      }
      best = other;
      at = layout.inOrder(best.plan());
    }
    return Optional.ofNullable(best);
  }

  private static @Nullable Found found(BudgetLayout layout, long budget) {
    return BudgetPlan.of(layout.problem(), budget)
        .map(plan -> new Found(layout, plan))
        .orElse(null);
  }

  private static BudgetLayout closer(BudgetLayout layout) {
    long least = BudgetPlan.least(layout.problem());
    return BudgetPlan.of(layout.problem(), least).map(layout::inOrder).orElse(layout);
  }

  private static long least(BudgetLayout layout) {
    return Math.min(BudgetPlan.least(layout.problem()), BudgetPlan.least(closer(layout).problem()));
  }

  /** Of the model taken apart as far as makes sense, or as it is: what can run in least memory. */
  private BudgetLayout tightest() {
    long piece = leastPiece();
    Model thin = Thinning.blocks(Thinning.layers(typed, piece, piece), LEAST_PIECE_BYTES);
    return Stream.of(thin, typed)
        .distinct()
        .map(model -> layout(model, Long.MAX_VALUE))
        .min(Comparator.comparingLong(BudgetSearch::least))
        .orElseThrow();
  }

  private long leastPiece() {
    return Math.max(LEAST_PIECE_BYTES, weightBytes(typed) / MOST_PIECES);
  }

  private BudgetLayout layout(Model model, long budget) {
    try {
      Path own = Files.createTempDirectory(folder, "layout");
      return BudgetLayout.of(BudgetLayout.typed(model, own), options, budget, own);
    } catch (IOException e) {
      throw new EngineException("no folder can be made in %s".formatted(folder), e);
    }
  }

  static long weightBytes(Model model) {
    return model.graph().weights().values().stream().mapToLong(Weight::bytes).sum();
  }
}
