package dev.skein.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.graph.Attribute;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Opaque;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.graph.Weight;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConstantFoldingTest {
  private static final Tensor FOUR = Tensor.ofFloats(Shape.of(2, 2), 1, 2, 3, 4);

  private final List<Model> runs = new ArrayList<>();
  private final ConstantFolding pass =
      new ConstantFolding(model -> {
        runs.add(model);
        return Running.constants(model);
      });

  private static Node node(String op, String inputs, String outputs) {
    return Node.of(op, List.of(inputs.split(" ")), List.of(outputs.split(" ")));
  }

  private static Model model(Map<String, Tensor> weights, List<String> outputs, Node... nodes) {
    Map<String, Weight> held = new LinkedHashMap<>();
    weights.forEach((name, tensor) -> held.put(name, new Weight.Held(tensor)));
    TensorType type = TensorType.of(ElementType.FLOAT, Shape.of(2, 2));
    Graph graph =
        new Graph(
            "small",
            List.of(Value.of("x", type)),
            outputs.stream().map(name -> Value.of(name, null)).toList(),
            List.of(nodes),
            held,
            List.of(),
            Opaque.NONE);
    return new Model(graph, 8, Map.of("", 17L), Map.of(), Opaque.NONE);
  }

  private Graph folded(Model model) {
    Model changed = Running.rewritten(model, List.of(pass)).model();
    Map<String, Tensor> inputs = Map.of("x", FOUR);
    assertThat(Running.difference(Running.run(model, inputs), Running.run(changed, inputs)))
        .isZero();
    return changed.graph();
  }

  private static float[] floats(Graph graph, String weight) {
    return ((Weight.Held) graph.weights().get(weight)).tensor().toFloats();
  }

  @Test
  void allConstantPartsBecomeWeightsInOneRun() {
    Graph graph =
        folded(
            model(
                Map.of("w", FOUR),
                List.of("y"),
                node("Neg", "w", "a"),
                node("Exp", "a", "b"),
                node("Transpose", "w", "c"),
                node("Add", "x b", "d"),
                node("Mul", "d c", "e"),
                node("Sub", "e b", "y")));
    assertThat(graph.nodes()).extracting(Node::op).containsExactly("Add", "Mul", "Sub");
    assertThat(graph.weights()).containsOnlyKeys("b", "c");
    assertThat(floats(graph, "c")).containsExactly(1, 3, 2, 4);
    assertThat(runs).hasSize(1);
    assertThat(runs.getFirst().graph().inputs()).isEmpty();
  }

  @Test
  void outputThatIsConstantIsACopyOfAWeight() {
    Graph graph =
        folded(
            model(
                Map.of("w", FOUR),
                List.of("y", "z"),
                node("Neg", "w", "y"),
                node("Neg", "x", "z")));
    assertThat(graph.nodes()).extracting(Node::op).containsExactly("Neg", "Identity");
    assertThat(graph.outputs()).extracting(Value::name).containsExactly("y", "z");
    assertThat(runs).hasSize(1);
  }

  @Test
  void nothingIsRunIfNothingIsConstant() {
    folded(model(Map.of("w", FOUR), List.of("y"), node("Add", "x w", "y")));
    assertThat(runs).isEmpty();
  }

  @Test
  void whatWouldMakeTheModelBiggerStays() {
    Tensor many = Tensor.ofLongs(Shape.of(2), 1024, 512);
    Graph graph =
        folded(
            model(
                Map.of("s", many, "zero", Tensor.ofLongs(Shape.of(2), 0, 0), "w", scalar(3)),
                List.of("y"),
                node("ConstantOfShape", "s", "big"),
                node("Expand", "w s", "wide"),
                node("Add", "big wide", "sum"),
                node("ReduceMax", "sum", "most"),
                node("Add", "x most", "y")));
    assertThat(graph.nodes())
        .extracting(Node::op)
        .containsExactly("ConstantOfShape", "Expand", "Add", "ReduceMax", "Add");
    assertThat(runs).isEmpty();
  }

  @Test
  void compressedWeightsStayCompressed() {
    Tensor bytes = Tensor.allocate(ElementType.INT8, Shape.of(1024, 2));
    Tensor halves = Tensor.allocate(ElementType.FLOAT16, Shape.of(1024, 2));
    Tensor few = Tensor.allocate(ElementType.FLOAT16, Shape.of(2, 2));
    Graph graph =
        folded(
            model(
                Map.of("q", bytes, "h", halves, "few", few, "scale", scalar(0.5f)),
                List.of("y"),
                node("DequantizeLinear", "q scale", "a"),
                node("Transpose", "a", "b"),
                to(ElementType.FLOAT, "h", "c"),
                to(ElementType.FLOAT, "few", "d"),
                node("MatMul", "b c", "e"),
                node("Sum", "x d e", "y")));
    assertThat(graph.nodes())
        .extracting(Node::op)
        .containsExactly("DequantizeLinear", "Transpose", "Cast", "MatMul", "Sum");
    assertThat(graph.weights()).containsKey("d").doesNotContainKeys("a", "b", "c", "e");
  }

  @Test
  void weightsThatAreQuantisedInTheGraphAreStoredQuantised() {
    Graph graph =
        folded(
            model(
                Map.of("w", FOUR, "scale", scalar(0.5f), "zero", zero()),
                List.of("y"),
                node("QuantizeLinear", "w scale zero", "q"),
                node("DequantizeLinear", "q scale zero", "d"),
                node("Add", "x d", "y")));
    assertThat(graph.nodes()).extracting(Node::op).containsExactly("DequantizeLinear", "Add");
    assertThat(graph.weights().get("q").bytes()).isEqualTo(4);
  }

  @Test
  void whatTheRuntimeRefusesStaysAndTheRestIsFolded() {
    Tensor bad = Tensor.ofLongs(Shape.of(1), 3);
    Model model =
        model(
            Map.of("w", FOUR, "bad", bad, "one", scalar(1)),
            List.of("y"),
            node("Neg", "w", "a"),
            node("Reshape", "w bad", "b"),
            node("Exp", "w", "c"),
            node("Add", "x a", "d"),
            node("Size", "b", "e"),
            to(ElementType.FLOAT, "e", "f"),
            node("Sum", "d c f", "y"));
    Graph graph = pass.find(new Scope(model)).apply(model.graph());
    assertThat(graph.weights()).containsKeys("a", "c").doesNotContainKey("b");
    assertThat(graph.nodes())
        .extracting(Node::op)
        .containsExactly("Reshape", "Add", "Size", "Cast", "Sum");
    assertThat(new Rewriter(List.of(pass), same -> same).apply(model).steps()).hasSize(1);
  }

  @Test
  void branchesAreFoldedWhole() {
    Graph then = body(node("Neg", "w", "o"));
    Graph other = body(node("Exp", "w", "o"));
    Node branch =
        node("If", "yes", "a")
            .with("then_branch", new Attribute.OfGraph(then))
            .with("else_branch", new Attribute.OfGraph(other));
    Tensor no = Tensor.allocate(ElementType.BOOL, Shape.of());
    Graph graph =
        folded(
            model(
                Map.of("w", Tensor.ofFloats(Shape.of(2, 2), 0, 0, 0, 0), "yes", no),
                List.of("y"),
                branch,
                node("Add", "x a", "y")));
    assertThat(graph.nodes()).extracting(Node::op).containsExactly("Add");
    assertThat(floats(graph, "a")).containsExactly(1, 1, 1, 1);
  }

  @Test
  void branchThatCapturesAnInputStays() {
    Node branch =
        node("If", "yes", "a")
            .with("then_branch", new Attribute.OfGraph(body(node("Neg", "x", "o"))))
            .with("else_branch", new Attribute.OfGraph(body(node("Exp", "n", "o"))));
    Tensor no = Tensor.allocate(ElementType.BOOL, Shape.of());
    Graph graph =
        folded(
            model(
                Map.of("w", FOUR, "yes", no),
                List.of("y"),
                node("Neg", "w", "n"),
                branch,
                node("Add", "x a", "y")));
    assertThat(graph.nodes()).extracting(Node::op).containsExactly("If", "Add");
    assertThat(floats(graph, "n")).containsExactly(-1, -2, -3, -4);
  }

  @Test
  void randomNumbersAreDrawnAnewInEveryRun() {
    Node random =
        Node.of("RandomNormal", List.of(), List.of("r"))
            .with("shape", new Attribute.OfInts(List.of(2L, 2L)));
    Model model =
        model(Map.of(), List.of("y"), random, node("Neg", "r", "n"), node("Add", "x n", "y"));
    assertThat(Running.rewritten(model, List.of(pass)).steps()).isEmpty();
  }

  private static Node to(ElementType type, String input, String output) {
    return node("Cast", input, output).with("to", new Attribute.OfInt(type.code()));
  }

  private static Graph body(Node node) {
    return new Graph(
        "body",
        List.of(),
        node.outputs().stream().map(name -> Value.of(name, null)).toList(),
        List.of(node),
        Map.of(),
        List.of(),
        Opaque.NONE);
  }

  private static Tensor scalar(float value) {
    return Tensor.ofFloats(Shape.of(), value);
  }

  private static Tensor zero() {
    return Tensor.allocate(ElementType.INT8, Shape.of());
  }
}
