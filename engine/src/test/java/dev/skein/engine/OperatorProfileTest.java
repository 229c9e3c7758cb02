package dev.skein.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OperatorProfileTest {
  @Test
  void heavyNodeCostsMoreThanLightOnes() {
    float[] weights = new float[300 * 300];
    Model model =
        Graphs.model(
            List.of(Graphs.input("x", ElementType.FLOAT, 300, 300)),
            List.of(Graphs.input("y", ElementType.FLOAT, 300, 300)),
            Map.of("w", Tensor.ofFloats(Shape.of(300, 300), weights)),
            Node.of("Neg", List.of("x"), List.of("a")),
            Node.of("MatMul", List.of("a", "w"), List.of("b")),
            Node.of("Abs", List.of("b"), List.of("y")));
    List<OperatorProfile.NodeTime> times =
        OperatorProfile.measure(model, ShapeProbe.zeros(model, Map.of()), 5);
    assertThat(times).extracting(OperatorProfile.NodeTime::node).containsExactly(0, 1, 2);
    double product = times.get(1).millis();
    assertThat(times.get(0).millis()).isPositive().isLessThan(product);
    assertThat(times.get(2).millis()).isPositive().isLessThan(product);
  }

  @Test
  void nodesOfOneNameAreToldApart() {
    Node[] nodes = new Node[3];
    for (int i = 0; i < nodes.length; i++) {
      Node node = Node.of("MatMul", List.of(i == 0 ? "x" : "v" + i, "w"), List.of("v" + (i + 1)));
      nodes[i] = OrtForm.named(node, "same");
    }
    Model model =
        Graphs.model(
            List.of(Graphs.input("x", ElementType.FLOAT, 200, 200)),
            List.of(Graphs.input("v3", ElementType.FLOAT, 200, 200)),
            Map.of("w", Tensor.allocate(ElementType.FLOAT, Shape.of(200, 200))),
            nodes);
    double[] millis =
        OperatorProfile.measure(model, ShapeProbe.zeros(model, Map.of()), 9).stream()
            .mapToDouble(OperatorProfile.NodeTime::millis)
            .toArray();
    assertThat(millis).hasSize(3);
    double sum = millis[0] + millis[1] + millis[2];
    assertThat(java.util.Arrays.stream(millis).min().orElseThrow()).isGreaterThan(sum / 10);
  }

  @Test
  void absurdRunsAndWrongInputsAreRefused() {
    Model model = Graphs.sum();
    assertThatThrownBy(() -> OperatorProfile.measure(model, Map.of(), 0))
        .isInstanceOf(EngineException.class)
        .hasMessage("runs is 0, but must be at least 1");
    assertThatThrownBy(() -> OperatorProfile.measure(model, Map.of(), 1))
        .isInstanceOf(EngineException.class)
        .hasMessage("input 'a' is missing: it wants float[Nx3]");
  }

  @Test
  void machineIsMeasured() {
    assertThat(Calibration.referenceMillis()).isPositive().isLessThan(10_000);
  }
}
