package dev.skein.rewrite;

import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Opaque;
import dev.skein.graph.Patch;
import dev.skein.graph.Value;
import dev.skein.graph.Weight;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * What does not depend on the inputs is computed now (CrowdHMTware, section III-B2, second stage).
 *
 * <pre>
 * Before: t = Transpose(w); y = MatMul(x, t)
 * After: weight t; y = MatMul(x, t)
 * Conditions: {@link Classification} finds the node constant. Left alone is what would make the
 *   model bigger: results above 1 MiB and four times what they are made from; DequantizeLinear, and
 *   Cast to a wider type (above 1 KiB), which keep weights small; and all that depends on those.
 * Formula: t is what the runtime gives for it. All constant parts of the graph are run at once, as
 *   one model without inputs.
 * </pre>
 *
 * <p>What the runtime cannot compute, or not return, stays as it is.
 */
public final class ConstantFolding implements Rewrite {
  private static final int MOST_RUNS = 32;

  private final Function<Model, Map<String, Tensor>> run;

  /**
   * @param run runs a model without inputs and gives all its outputs by name; it may fail
   */
  public ConstantFolding(Function<Model, Map<String, Tensor>> run) {
    this.run = run;
  }

  @Override
  public String name() {
    return "constant-folding";
  }

  @Override
  public Patch find(Scope scope) {
    Set<Node> folded = Foldable.of(scope, Classification.of(scope.graph()).constant());
    return folded.isEmpty() ? new Patch() : new Folding(scope, folded).patch();
  }

  private final class Folding {
    private final Scope scope;
    private final Set<Node> folded;
    private final Map<String, Tensor> values = new LinkedHashMap<>();
    private int runs = 0;

    Folding(Scope scope, Set<Node> folded) {
      this.scope = scope;
      this.folded = folded;
    }

    Patch patch() {
      List<Node> ends = folded.stream().filter(node -> !wanted(node).isEmpty()).toList();
      boolean complete = evaluate(ends);
      Patch patch = new Patch();
      if (values.isEmpty()) {
        return patch;
      }
      // If some failed, what they are made from is still needed.
      for (Node node : complete ? List.copyOf(folded) : ends) {
        if (values.keySet().containsAll(wanted(node))) {
          patch.remove(node);
        }
      }
      dropWeights(patch);
      values.forEach((value, tensor) -> {
        String name = scope.isOutput(value) ? scope.fresh(value) : value;
        patch.weight(name, new Weight.Held(tensor));
        if (!name.equals(value)) {
          patch.redirect(value, name);
        }
      });
      return patch;
    }

    // At once, since a folded weight is as big as what it was made from.
    private void dropWeights(Patch patch) {
      for (String weight : scope.graph().weights().keySet()) {
        List<Node> readers = scope.readers(weight);
        boolean free = !scope.isOutput(weight) && readers.stream().allMatch(patch::touches);
        if (free && !readers.isEmpty()) {
          patch.removeWeight(weight);
        }
      }
    }

    /** What the rest of the graph, or the caller, needs of a node. */
    private List<String> wanted(Node node) {
      return node.makes().stream()
          .filter(value -> scope.isOutput(value) || !folded.containsAll(scope.readers(value)))
          .toList();
    }

    /** All in one run; only if that fails, by halves, to keep what can be computed. */
    private boolean evaluate(List<Node> ends) {
      if (ends.isEmpty()) {
        return true;
      }
      if (runs++ >= MOST_RUNS) {
        return false;
      }
      List<String> wanted = ends.stream().flatMap(node -> wanted(node).stream()).toList();
      try {
        Map<String, Tensor> found = run.apply(scope.model().with(part(wanted)));
        if (found.keySet().containsAll(wanted)) {
          wanted.forEach(value -> values.put(value, found.get(value)));
          return true;
        }
      } catch (RuntimeException e) {
        if (ends.size() == 1) {
          return false;
        }
      }
      int half = ends.size() / 2;
      boolean left = half > 0 && evaluate(ends.subList(0, half));
      boolean right = half > 0 && evaluate(ends.subList(half, ends.size()));
      return left && right;
    }

    private Graph part(List<String> wanted) {
      Set<String> needed = new HashSet<>(wanted);
      List<Node> nodes = new ArrayList<>();
      for (Node node : List.copyOf(folded).reversed()) {
        if (node.makes().stream().anyMatch(needed::contains)) {
          nodes.addFirst(node);
          needed.addAll(node.reads());
        }
      }
      Map<String, Weight> weights = new LinkedHashMap<>(scope.graph().weights());
      weights.keySet().retainAll(needed);
      return new Graph(
          "constants of " + scope.graph().name(),
          List.of(),
          wanted.stream().map(value -> Value.of(value, null)).toList(),
          nodes,
          weights,
          List.of(),
          Opaque.NONE);
    }
  }
}
