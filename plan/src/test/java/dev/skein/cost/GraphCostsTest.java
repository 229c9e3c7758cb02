package dev.skein.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.graph.Attribute;
import dev.skein.graph.Cut;
import dev.skein.graph.Cuts;
import dev.skein.graph.Graph;
import dev.skein.graph.Node;
import dev.skein.graph.Opaque;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.graph.Weight;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GraphCostsTest {
  private final Map<String, TensorSpec> specs = new HashMap<>();
  private final Map<String, Weight> weights = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();

  private static final Attribute YES = new Attribute.OfInt(1);

  @Test
  void countsAConvolutionByOutputsTimesFilterSize() {
    value("x", 1, 3, 224, 224);
    weight("w", 32, 3, 3, 3);
    value("y", 1, 32, 112, 112);
    assertThat(macs(Node.of("Conv", List.of("x", "w"), List.of("y")))).isEqualTo(10_838_016);
  }

  @Test
  void countsADepthwiseConvolutionByItsOneInputChannel() {
    value("x", 2, 96, 56, 56);
    weight("w", 96, 1, 3, 3);
    value("y", 2, 96, 56, 56);
    assertThat(macs(Node.of("Conv", List.of("x", "w"), List.of("y"))))
        .isEqualTo(2L * 96 * 56 * 56 * 9);
  }

  @Test
  void countsQuantisedConvolutionsByTheirFourthInput() {
    value("x", 1, 8, 10, 10);
    weight("w", 16, 4, 3, 3);
    value("y", 1, 16, 10, 10);
    List<String> inputs = List.of("x", "xs", "xz", "w", "ws", "wz", "ys", "yz");
    assertThat(macs(Node.of("QLinearConv", inputs, List.of("y")))).isEqualTo(16L * 100 * 36);
    assertThat(macs(Node.of("ConvInteger", List.of("x", "w"), List.of("y"))))
        .isEqualTo(16L * 100 * 36);
  }

  @Test
  void seesTheShapeOfAWeightBehindItsDequantisation() {
    value("x", 1, 8, 10, 10);
    weight("q", 16, 8, 1, 1);
    value("y", 1, 16, 10, 10);
    nodes.add(Node.of("DequantizeLinear", List.of("q", "s"), List.of("w")));
    assertThat(macs(Node.of("Conv", List.of("x", "w"), List.of("y")))).isEqualTo(16L * 100 * 8);
  }

  @Test
  void countsATransposedConvolutionByInputsTimesFilterSize() {
    value("x", 1, 8, 5, 5);
    weight("w", 8, 2, 3, 3);
    value("y", 1, 4, 11, 11);
    assertThat(macs(Node.of("ConvTranspose", List.of("x", "w"), List.of("y"))))
        .isEqualTo(8L * 25 * 2 * 9);
  }

  @Test
  void countsMatrixProductsByTheSharedAxis() {
    value("a", 7, 2, 3, 5);
    value("b", 5, 4);
    value("y", 7, 2, 3, 4);
    for (String op : List.of("MatMul", "MatMulInteger", "DynamicQuantizeMatMul", "QLinearMatMul")) {
      assertThat(macs(Node.of(op, List.of("a", "b"), List.of("y")))).as(op).isEqualTo(7L * 24 * 5);
    }
    value("t", 7, 2, 5, 3);
    Node fused = Node.of("FusedMatMul", List.of("t", "b"), List.of("y")).with("transA", YES);
    assertThat(macs(fused)).isEqualTo(7L * 24 * 5);
  }

  @Test
  void countsGemmWithEitherOrientation() {
    value("a", 4, 6);
    value("t", 6, 4);
    value("y", 4, 10);
    assertThat(macs(Node.of("Gemm", List.of("a", "w"), List.of("y")))).isEqualTo(240);
    Node transposed = Node.of("Gemm", List.of("t", "w"), List.of("y")).with("transA", YES);
    assertThat(macs(transposed)).isEqualTo(240);
  }

  @Test
  void countsRecurrentNodesByBothOfTheirWeights() {
    value("x", 20, 2, 8);
    weight("w", 1, 64, 8);
    weight("r", 1, 64, 16);
    assertThat(macs(Node.of("LSTM", List.of("x", "w", "r"), List.of("y"))))
        .isEqualTo(40L * (64 * 8 + 64 * 16));
  }

  @Test
  void countsEinsumByAllItsAxes() {
    value("a", 2, 3, 4, 5);
    value("b", 2, 3, 6, 5);
    Node node = Node.of("Einsum", List.of("a", "b"), List.of("y"));
    assertThat(macs(node.with("equation", new Attribute.OfString("bhid, bhjd -> bhij"))))
        .isEqualTo(2L * 3 * 4 * 6 * 5);
    assertThat(macs(node.with("equation", new Attribute.OfString("...id,...jd->...ij"))))
        .isEqualTo(2L * 3 * 4 * 6 * 5);
  }

  @Test
  void countsNoOperationsButBytesElsewhere() {
    value("x", 1, 10);
    weight("w", 10);
    value("y", 1, 10);
    Node add = Node.of("Add", List.of("x", "w"), List.of("y"));
    assertThat(macs(add)).isZero();
    assertThat(GraphCosts.bytes(add, specs, graph())).isEqualTo(120);
  }

  @Test
  void namesNodeAndValueWhoseShapeIsMissing() {
    value("y", 1, 16, 10, 10);
    assertThatThrownBy(() -> macs(Node.of("Conv", List.of("x", "w\n"), List.of("y"))))
        .isInstanceOf(CostException.class)
        .hasMessageContaining("Conv")
        .hasMessageContaining("'w?'")
        .hasMessageNotContaining("\n");
  }

  /** x → Relu a → (Conv b, Conv c share w) → Add d → Relu e. */
  private Graph residual() {
    value("x", 1, 4, 10, 10);
    weight("w", 4, 4, 1, 1);
    for (String name : List.of("a", "b", "c", "d", "e")) {
      value(name, 1, 4, 10, 10);
    }
    nodes.add(Node.of("Relu", List.of("x"), List.of("a")));
    nodes.add(Node.of("Conv", List.of("a", "w"), List.of("b")));
    nodes.add(Node.of("Conv", List.of("b", "w"), List.of("c")));
    nodes.add(Node.of("Add", List.of("a", "c"), List.of("d")));
    nodes.add(Node.of("Relu", List.of("d"), List.of("e")));
    return graph();
  }

  @Test
  void costsAChainSegmentBySegment() {
    Graph graph = residual();
    List<Cut> cuts = Cuts.of(graph, 1);
    ChainCosts chain = GraphCosts.chain(graph, cuts, specs, new double[] {1, 2, 3, 4, 5});
    assertThat(cuts).extracting(Cut::position).containsExactly(0, 1, 4, 5);
    assertThat(chain.segments())
        .containsExactly(
            new SegmentCost(0, 0, 3200, 1),
            new SegmentCost(2 * 1600, 64, 3 * 1600, 9),
            new SegmentCost(0, 0, 3200, 5));
    assertThat(chain.cutBytes()).containsExactly(1600, 1600, 1600, 1600);
    assertThat(chain.macs()).isEqualTo(3200);
    assertThat(chain.referenceMillis()).isEqualTo(15);
  }

  @Test
  void countsSharedWeightsInEachSegmentAndPassedValuesAsAlive() {
    Graph graph = residual();
    List<Cut> cuts = Cuts.of(graph, 2);
    ChainCosts chain = GraphCosts.chain(graph, cuts, specs, new double[5]);
    assertThat(cuts).extracting(Cut::position).containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(chain.segments())
        .extracting(SegmentCost::weightBytes)
        .containsExactly(0L, 64L, 64L, 0L, 0L);
    assertThat(chain.segments())
        .extracting(SegmentCost::activationBytes)
        .containsExactly(3200L, 3200L, 4800L, 4800L, 3200L);
    assertThat(chain.cutBytes()).containsExactly(1600, 1600, 3200, 3200, 1600, 1600);
  }

  @Test
  void namesTheCutWhoseValueHasNoSize() {
    Graph graph = residual();
    specs.remove("a");
    assertThatThrownBy(() -> GraphCosts.chain(graph, Cuts.of(graph, 1), specs, new double[5]))
        .isInstanceOf(CostException.class)
        .hasMessageContaining("cut at 1")
        .hasMessageContaining("'a'");
  }

  @Test
  void refusesTimesForAnotherNumberOfNodes() {
    Graph graph = residual();
    assertThatThrownBy(() -> GraphCosts.chain(graph, Cuts.of(graph, 1), specs, new double[4]))
        .hasMessage("4 times for 5 nodes");
  }

  @Test
  void costsEachOperator() {
    Graph graph = residual();
    List<OperatorCost> costs = GraphCosts.operators(graph, specs);
    assertThat(costs)
        .containsExactly(
            new OperatorCost(0, 0, 0, 1600, 1600),
            new OperatorCost(1, 1600, 16, 1664, 1600),
            new OperatorCost(2, 1600, 16, 1664, 1600),
            new OperatorCost(3, 0, 0, 3200, 1600),
            new OperatorCost(4, 0, 0, 1600, 1600));
    assertThat(costs.get(1).intensity()).isEqualTo(1600 / 3264.0);
    assertThat(costs.get(0).intensity()).isZero();
    assertThat(GraphCosts.parameters(graph)).as("a shared weight counts once").isEqualTo(16);
  }

  @Test
  void whatDependsOnConstantsOnlyHasParametersAndCostsNothing() {
    value("x", 1, 8, 10, 10);
    weight("q", 16, 8, 1, 1);
    value("w", 16, 8, 1, 1);
    value("y", 1, 16, 10, 10);
    nodes.add(Node.of("DequantizeLinear", List.of("q", "s"), List.of("w")));
    nodes.add(Node.of("Conv", List.of("x", "w"), List.of("y")));
    assertThat(GraphCosts.operators(graph(), specs))
        .containsExactly(
            new OperatorCost(0, 0, 128, 0, 0),
            new OperatorCost(1, 16L * 100 * 8, 0, 3200 + 512, 6400));
  }

  @Test
  void countsLearnedNumbersOnly() {
    value("x", 1, 8, 10, 10);
    value("y", 1, 8, 10, 10);
    for (String name : List.of("scale", "shift", "mean", "variance", "unread", "bound")) {
      weight(name, name.equals("bound") ? new long[0] : new long[] {8});
    }
    TensorType indices = TensorType.of(ElementType.INT64, Shape.of(4));
    weights.put("shape", new Weight.Addressed(indices, Shape.of(4), "0".repeat(64)));
    nodes.add(
        Node.of(
            "BatchNormalization",
            List.of("x", "scale", "shift", "mean", "variance"),
            List.of("n")));
    nodes.add(Node.of("Reshape", List.of("n", "shape"), List.of("r")));
    nodes.add(Node.of("Clip", List.of("r", "bound"), List.of("c")));
    Graph body =
        new Graph(
            "body",
            List.of(),
            List.of(Value.of("o", null)),
            List.of(Node.of("Add", List.of("c", "inner"), List.of("o"))),
            Map.of("inner", weights.get("scale")),
            List.of(),
            Opaque.NONE);
    nodes.add(
        Node.of("If", List.of("c"), List.of("y")).with("then_branch", new Attribute.OfGraph(body)));
    assertThat(GraphCosts.parameters(graph())).isEqualTo(16 + 8);
    assertThat(GraphCosts.operators(graph(), specs))
        .extracting(OperatorCost::parameters)
        .containsExactly(16L, 0L, 0L, 8L);
  }

  private long macs(Node node) {
    return GraphCosts.macs(node, specs, graph());
  }

  private Graph graph() {
    List<Value> inputs = List.of(Value.of("x", null));
    List<Value> outputs =
        nodes.isEmpty() ? List.of() : List.of(Value.of(nodes.getLast().outputs().getFirst(), null));
    return new Graph("test", inputs, outputs, nodes, weights, List.of(), Opaque.NONE);
  }

  private void value(String name, long... dims) {
    specs.put(name, new TensorSpec(ElementType.FLOAT, Shape.of(dims)));
  }

  private void weight(String name, long... dims) {
    Shape shape = Shape.of(dims);
    TensorType type = TensorType.of(ElementType.FLOAT, shape);
    weights.put(name, new Weight.Addressed(type, shape, "0".repeat(64)));
  }
}
