package dev.skein.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.graph.Attribute;
import dev.skein.graph.Dim;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Opaque;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import dev.skein.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShapeProbeTest {
  private static TensorSpec floats(long... shape) {
    return new TensorSpec(ElementType.FLOAT, Shape.of(shape));
  }

  @Test
  void valuesComeInGraphOrderWithoutWeights() {
    Model model = Graphs.heavy(4, 3);
    Map<String, TensorSpec> specs = ShapeProbe.probe(model, ShapeProbe.zeros(model, Map.of()));
    assertThat(specs.keySet()).containsExactly("x", "v1", "v2", "y");
    assertThat(specs.values()).containsOnly(floats(4, 4));
  }

  @Test
  void valuesThatAreNoTensorsAreLeftOut() {
    Model model = sequences();
    Map<String, TensorSpec> specs = ShapeProbe.probe(model, ShapeProbe.zeros(model, Map.of()));
    assertThat(specs).containsExactly(Map.entry("x", floats(2, 3)), Map.entry("y", floats(4, 3)));
    assertThat(ShapeProbe.types(model)).containsOnlyKeys("y");
  }

  /** y = x over x, by way of a sequence. */
  private static Model sequences() {
    return Graphs.model(
        List.of(Graphs.input("x", ElementType.FLOAT, 2, 3)),
        List.of(Value.of("y", null)),
        Node.of("SequenceConstruct", List.of("x", "x"), List.of("s")),
        Node.of("ConcatFromSequence", List.of("s"), List.of("y"))
            .with("axis", new Attribute.OfInt(0)));
  }

  @Test
  void optionalsAreLeftOutToo() {
    Model model =
        Graphs.model(
            List.of(Graphs.input("x", ElementType.FLOAT, 2, 3)),
            List.of(Value.of("y", null)),
            Node.of("Optional", List.of("x"), List.of("o")),
            Node.of("OptionalGetElement", List.of("o"), List.of("e")),
            Node.of("Neg", List.of("e"), List.of("y")));
    Map<String, TensorSpec> specs = ShapeProbe.probe(model, ShapeProbe.zeros(model, Map.of()));
    assertThat(specs).containsKeys("x", "e", "y").doesNotContainKey("o");
  }

  @Test
  void bodiesOfControlFlowAreOneNode() {
    Model model = choice();
    Map<String, TensorSpec> specs = ShapeProbe.probe(model, ShapeProbe.zeros(model, Map.of()));
    assertThat(specs.keySet()).containsExactlyInAnyOrder("c", "x", "y", "z");
    List<OperatorProfile.NodeTime> times =
        OperatorProfile.measure(model, ShapeProbe.zeros(model, Map.of()), 3);
    assertThat(times).hasSize(2).allMatch(time -> time.millis() > 0);
  }

  /** y = c ? x : −x; z = |y|. */
  private static Model choice() {
    Node choice =
        Node.of("If", List.of("c"), List.of("y"))
            .with("then_branch", new Attribute.OfGraph(branch("Identity", "t")))
            .with("else_branch", new Attribute.OfGraph(branch("Neg", "e")));
    return Graphs.model(
        List.of(
            Graphs.input("c", ElementType.BOOL, 1), Graphs.input("x", ElementType.FLOAT, 300, 300)),
        List.of(Value.of("z", null)),
        choice,
        Node.of("Abs", List.of("y"), List.of("z")));
  }

  private static Graph branch(String op, String output) {
    return new Graph(
        op,
        List.of(),
        List.of(Graphs.input(output, ElementType.FLOAT, 300, 300)),
        List.of(Node.of(op, List.of("x"), List.of(output))),
        Map.of(),
        List.of(),
        Opaque.NONE);
  }

  @Test
  void shapesThatDependOnValuesAreThoseOfThisRun() {
    Model model =
        Graphs.model(
            List.of(Graphs.input("x", ElementType.FLOAT, 4)),
            List.of(Value.of("y", null)),
            Node.of("NonZero", List.of("x"), List.of("y")));
    Tensor x = Tensor.ofFloats(Shape.of(4), 0, 1, 0, 2);
    assertThat(ShapeProbe.probe(model, Map.of("x", x)))
        .containsEntry("y", new TensorSpec(ElementType.INT64, Shape.of(1, 2)));
    assertThat(ShapeProbe.types(model))
        .containsEntry("y", new TensorType(ElementType.INT64, List.of(Dim.of(1), Dim.UNKNOWN)));
  }

  @Test
  void zerosTakeTheSizesOfSymbols() {
    Model model =
        Graphs.model(
            List.of(
                Graphs.input("x", ElementType.FLOAT, "N", 3, "T"),
                Value.of("m", new TensorType(ElementType.INT64, List.of(Dim.UNKNOWN)))),
            List.of(Value.of("y", null)),
            Node.of("Shape", List.of("x"), List.of("y")));
    Map<String, Tensor> zeros = ShapeProbe.zeros(model, Map.of("T", 7L));
    assertThat(TensorSpec.of(zeros.get("x"))).isEqualTo(floats(1, 3, 7));
    assertThat(TensorSpec.of(zeros.get("m")))
        .isEqualTo(new TensorSpec(ElementType.INT64, Shape.of(1)));
  }

  @Test
  void annotatedPartsCanBeOpenedAlone() {
    Graph graph = ShapeProbe.annotate(Graphs.heavy(4, 3)).graph();
    assertThat(graph.annotations())
        .containsExactlyInAnyOrder(
            Graphs.input("v1", ElementType.FLOAT, 4, 4),
            Graphs.input("v2", ElementType.FLOAT, 4, 4));
  }

  @Test
  void wrongInputsAndBrokenModelsAreRefusedInOneLine() {
    Model model = Graphs.sum();
    assertThatThrownBy(() -> ShapeProbe.probe(model, Map.of()))
        .isInstanceOf(EngineException.class)
        .hasMessage("input 'a' is missing: it wants float[Nx3]");
    Tensor two = Tensor.allocate(ElementType.FLOAT, Shape.of(2, 3));
    Tensor three = Tensor.allocate(ElementType.FLOAT, Shape.of(3, 3));
    assertThatThrownBy(() -> ShapeProbe.probe(model, Map.of("a", two, "b", three)))
        .isInstanceOf(EngineException.class)
        .message()
        .contains("Add")
        .hasLineCount(1);
  }
}
