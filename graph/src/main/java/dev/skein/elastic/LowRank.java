package dev.skein.elastic;

import dev.skein.graph.Attribute;
import dev.skein.graph.Attributes;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import dev.skein.graph.Weight;
import dev.skein.rewrite.Scope;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.jspecify.annotations.Nullable;

/**
 * Low-rank factorisation, η1 of CrowdHMTware III-A1.
 *
 * <pre>
 * Before:  y = Conv(x, W, b), W of O × I × k…       y = x·W + b, W of K × N (MatMul, Gemm)
 * After:   y = Conv(Conv(x, R), L, b),              y = (x·L)·R + b,
 *          R of r × I × k…, L of O × r × 1…         L of K × r, R of r × N
 * Conditions: group 1, constant single-precision weights, the smaller side of W (as O × I·k…)
 *          at most 1024, and multiplications fall: r·(rows + columns) &lt; rows·columns
 * Formula: W ≈ U_r·U_rᵀ·W, U_r the first r left singular vectors (or W·V_r·V_rᵀ)
 * </pre>
 */
public record LowRank(Rank rank) implements Compression {
  /** Beyond this, the decomposition takes minutes. */
  private static final int LARGEST_SIDE = 1024;

  /** The least rank for each layer that keeps this share of its weights' sum of squares. */
  public static LowRank ofEnergy(double share) {
    return new LowRank(new Rank.Energy(share));
  }

  /** This share of each layer's full rank. */
  public static LowRank ofPortion(double share) {
    return new LowRank(new Rank.Portion(share));
  }

  @Override
  public String name() {
    return "low-rank";
  }

  @Override
  public Compressed compress(Model model) {
    Scope scope = new Scope(model);
    Patch patch = new Patch();
    List<Compressed.Change> changes = new ArrayList<>();
    for (Node node : scope.nodes()) {
      Compressed.Change change = factor(scope, node, patch);
      if (change != null) {
        changes.add(change);
      }
    }
    Graph graph = patch.isEmpty() ? model.graph() : patch.apply(model.graph());
    return new Compressed(model.with(graph), changes);
  }

  private Compressed.@Nullable Factored factor(Scope scope, Node node, Patch patch) {
    DMatrixRMaj matrix = matrix(scope, node);
    if (matrix == null || Math.min(matrix.numRows, matrix.numCols) > LARGEST_SIDE) {
      return null;
    }
    Factors factors = new Factors(matrix);
    int kept =
        switch (rank) {
          case Rank.Energy(double share) -> factors.rank(share);
          case Rank.Portion(double share) ->
              Math.max(1, (int) Math.round(factors.fullRank() * share));
        };
    long before = (long) matrix.numRows * matrix.numCols;
    if ((long) kept * (matrix.numRows + matrix.numCols) >= before) {
      return null;
    }
    String inner = scope.fresh(node.outputs().getFirst() + "_low_rank");
    String left = scope.fresh(node.inputs().get(1));
    String right = scope.fresh(node.inputs().get(1));
    Shape filters = weight(scope, node).shape();
    if (Scope.is(node, "Conv")) {
      long[] first = filters.toArray();
      first[0] = kept;
      long[] second = new long[first.length];
      Arrays.fill(second, 1);
      second[0] = filters.dim(0);
      second[1] = kept;
      patch.weight(right, held(factors.right(kept), Shape.of(first)));
      patch.weight(left, held(factors.left(kept), Shape.of(second)));
      patch.replace(node, convolutions(node, right, inner, left, second.length - 2));
    } else {
      patch.weight(left, held(factors.left(kept), Shape.of(matrix.numRows, kept)));
      patch.weight(right, held(factors.right(kept), Shape.of(kept, matrix.numCols)));
      patch.replace(node, products(node, left, inner, right));
    }
    dropUnused(scope, node, patch);
    return new Compressed.Factored(
        node.outputs().getFirst(), factors.fullRank(), kept, factors.energy(kept));
  }

  private static Tensor weight(Scope scope, Node node) {
    return Objects.requireNonNull(scope.floats(node.inputs().get(1)));
  }

  /** The weights as one matrix; null if this is no layer to factor. */
  private static @Nullable DMatrixRMaj matrix(Scope scope, Node node) {
    if (!Scope.is(node, "Conv", "Gemm", "MatMul") || node.inputs().size() < 2) {
      return null;
    }
    Tensor weight = scope.floats(node.inputs().get(1));
    boolean conv = Scope.is(node, "Conv");
    if (weight == null
        || Attributes.integer(node, "group", 1) != 1
        || Attributes.integer(node, "transA", 0) != 0
        || (conv ? weight.shape().rank() < 3 : weight.shape().rank() != 2)) {
      return null;
    }
    int rows = Math.toIntExact(weight.shape().dim(0));
    int columns = Math.toIntExact(weight.shape().elements() / Math.max(1, rows));
    if (rows == 0 || columns == 0) {
      return null;
    }
    DMatrixRMaj matrix = new DMatrixRMaj(rows, columns);
    float[] values = weight.toFloats();
    for (int i = 0; i < values.length; i++) {
      matrix.data[i] = values[i];
    }
    return Attributes.integer(node, "transB", 0) == 0
        ? matrix
        : CommonOps_DDRM.transpose(matrix, null);
  }

  private static Weight held(DMatrixRMaj matrix, Shape shape) {
    float[] values = new float[matrix.getNumElements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) matrix.data[i];
    }
    return new Weight.Held(Tensor.ofFloats(shape, values));
  }

  /** The first does the window's work with few filters, the second mixes them. */
  private static List<Node> convolutions(
      Node node, String first, String inner, String second, int space) {
    Attribute ones = new Attribute.OfInts(Collections.nCopies(space, 1L));
    List<String> inputs = new ArrayList<>(node.inputs());
    Node windows =
        node(node, "Conv", List.of(inputs.getFirst(), first), inner)
            .withAttributes(node.attributes());
    inputs.set(0, inner);
    inputs.set(1, second);
    Node mix = node(node, "Conv", inputs, node.outputs().getFirst()).with("kernel_shape", ones);
    return List.of(windows, mix);
  }

  private static List<Node> products(Node node, String first, String inner, String second) {
    List<String> inputs = new ArrayList<>(node.inputs());
    Node one = node(node, "MatMul", List.of(inputs.getFirst(), first), inner);
    inputs.set(0, inner);
    inputs.set(1, second);
    Node two =
        node(node, node.op(), inputs, node.outputs().getFirst()).withAttributes(node.attributes());
    boolean stored = node.attributes().containsKey("transB");
    return List.of(one, stored ? two.with("transB", new Attribute.OfInt(0)) : two);
  }

  private static Node node(Node old, String op, List<String> inputs, String output) {
    return new Node(old.name(), op, old.domain(), inputs, List.of(output), Map.of(), old.rest());
  }

  private static void dropUnused(Scope scope, Node node, Patch patch) {
    String weight = node.inputs().get(1);
    boolean others = scope.readers(weight).stream().anyMatch(reader -> !patch.touches(reader));
    if (!others && !scope.isOutput(weight)) {
      patch.removeWeight(weight);
    }
  }
}
