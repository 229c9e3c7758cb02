package dev.skein.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.TestModels;
import dev.skein.onnx.OnnxReader;
import dev.skein.tensor.ElementType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SegmentsTest {
  static List<Path> models() {
    return TestModels.all();
  }

  @ParameterizedTest
  @MethodSource("models")
  void realModelComesApartAndMeansTheSame(Path file) {
    Graph graph = OnnxReader.read(file).graph();
    assertChain(graph, Cuts.of(graph, 1));
    assertChain(graph, sample(Cuts.of(graph, 4), 12));
    assertChain(graph, sample(Cuts.of(graph, 9), 3));
  }

  @Test
  void transformerComesApart() {
    Graph graph = CutsTest.transformer(3);
    assertChain(graph, Cuts.of(graph, 2));
    assertChain(graph, Cuts.of(graph, 99));
  }

  @Test
  void constantsAreRepeatedWhereTheyAreNeeded() {
    Graph graph =
        new Sketch()
            .in("x")
            .weight("w", 1)
            .weight("only b", 2)
            .node("k = Neg(w)")
            .node("a = Mul(x, k)")
            .node("b = Mul(a, k, only b)")
            .node("dead = Exp(a)")
            .out("b")
            .graph();
    List<Segment> segments = Segments.between(Cuts.of(graph, 1));
    assertThat(segments).hasSize(2);
    Graph first = Segments.extract(graph, segments.get(0));
    Graph second = Segments.extract(graph, segments.get(1));
    assertThat(first.nodes()).extracting(Node::op).containsExactly("Neg", "Mul");
    assertThat(second.nodes()).extracting(Node::op).containsExactly("Neg", "Mul");
    assertThat(first.weights()).containsOnlyKeys("w");
    assertThat(second.weights()).containsOnlyKeys("w", "only b");
    assertThat(first.name()).isEqualTo("sketch[0,2)");
  }

  @Test
  void valuesThatPassThroughAreNamed() {
    Graph graph =
        new Sketch()
            .in("x", "late")
            .node("early = Exp(x)")
            .node("a = Neg(early)")
            .node("b = Add(a, late)")
            .out("b", "early")
            .graph();
    List<Segment> segments = Segments.between(Cuts.of(graph, 9));
    Segment middle = segments.get(1);
    assertThat(Segments.passed(graph, middle)).containsExactly("late", "early");
    assertThat(Segments.extract(graph, middle).inputs())
        .extracting(Value::name)
        .containsExactly("early");
    assertChain(graph, Cuts.of(graph, 9));
  }

  @Test
  void oddOutputsAndInputsComeApart() {
    Graph graph =
        new Sketch()
            .in("x", "unused", "w")
            .weight("w", 1)
            .node("k = Neg(w)")
            .node("r = RandomUniform()")
            .node("y,,z = Split(x, , k)")
            .node("v = Add(y, r)")
            .node("u = Add(v, r)")
            .out("u", "x", "w", "k", "u", "y")
            .graph();
    assertChain(graph, Cuts.of(graph, 9));
    assertChain(graph, sample(Cuts.of(graph, 9), 2));
    Graph nothing = new Sketch().in("x").weight("w", 1).out("x", "w").graph();
    assertChain(nothing, Cuts.of(nothing, 9));
  }

  @Test
  void bodiesBringWhatTheyCapture() {
    Graph body = new Sketch().node("x = Neg(a)").node("o = Add(x, w)").out("o").graph();
    Graph graph =
        new Sketch()
            .in("x")
            .weight("w", 1)
            .node("a = Exp(x)")
            .node("b = Neg(x)")
            .node("y = If(b)", "then_branch", body)
            .out("y")
            .graph();
    List<Cut> cuts = Cuts.of(graph, 9);
    assertChain(graph, cuts);
    Graph last = Segments.extract(graph, Segments.between(cuts).getLast());
    assertThat(last.inputs()).extracting(Value::name).containsExactly("a", "b");
    assertThat(last.weights()).containsOnlyKeys("w");
  }

  @Test
  void declaredTypesGoWithTheValues() {
    Graph graph = OnnxReader.read(TestModels.file("cifar10_resnet20.onnx")).graph();
    for (Segment segment : Segments.between(Cuts.of(graph, 1))) {
      Graph part = Segments.extract(graph, segment);
      assertThat(part.inputs()).allMatch(value -> value.type() != null);
      assertThat(part.outputs()).allMatch(value -> value.type() != null);
    }
  }

  @Test
  void typesThatTheFileLacksCanBeAdded() {
    Graph bare = OnnxReader.read(TestModels.file("mobilenetv2_cifar10.onnx")).graph();
    List<Cut> cuts = Cuts.of(bare, 1);
    String value = cuts.get(5).values().getFirst();
    TensorType type = TensorType.ofRank(ElementType.FLOAT, 4);
    Segment segment = new Segment(cuts.get(5), cuts.getLast());
    assertThat(Segments.extract(bare, segment).inputs()).containsExactly(Value.of(value, null));
    assertThat(Segments.extract(bare.annotated(Map.of(value, type)), segment).inputs())
        .containsExactly(Value.of(value, type));
  }

  @Test
  void cutsOfAnotherGraphAreRefused() {
    Graph graph = new Sketch().in("x").node("a = Exp(x)").node("b = Add(a, x)").out("b").graph();
    Cut end = new Cut(2, List.of("b"));
    Segment wrong = new Segment(new Cut(1, List.of("a")), end);
    assertThatThrownBy(() -> Segments.extract(graph, wrong))
        .isInstanceOf(GraphException.class)
        .hasMessageContaining("lacks value 'x'");
    Segment beyond = new Segment(end, new Cut(7, List.of("b")));
    assertThatThrownBy(() -> Segments.extract(graph, beyond))
        .isInstanceOf(GraphException.class)
        .hasMessageContaining("has 2 nodes, too few for a cut at 7");
    assertThatThrownBy(() -> new Segment(end, new Cut(1, List.of("a"))))
        .isInstanceOf(GraphException.class);
  }

  private static List<Cut> sample(List<Cut> cuts, int inner) {
    Random random = new Random(7);
    List<Cut> sample = new ArrayList<>(cuts.subList(1, cuts.size() - 1));
    while (sample.size() > inner) {
      sample.remove(random.nextInt(sample.size()));
    }
    sample.addFirst(cuts.getFirst());
    sample.add(cuts.getLast());
    return sample;
  }

  /** Runs the chain on formulas in place of tensors and compares with the whole graph. */
  private static void assertChain(Graph graph, List<Cut> cuts) {
    Map<String, Integer> given = new HashMap<>();
    graph.requiredInputs().forEach(input -> given.put(input.name(), input.name().hashCode()));
    Map<String, Integer> whole = Sketch.meaning(graph, given);
    Set<Node> ran = new HashSet<>();
    Map<String, Integer> alive = new HashMap<>(given);
    alive.keySet().retainAll(cuts.getFirst().values());
    for (Segment segment : Segments.between(cuts)) {
      Graph part = Segments.extract(graph, segment);
      Verifier.verify(part);
      ran.addAll(part.nodes());
      assertThat(names(part.inputs())).isSubsetOf(segment.from().values());
      Map<String, Integer> made = Sketch.meaning(part, alive);
      Map<String, Integer> next = new HashMap<>();
      names(part.outputs()).forEach(value -> next.put(value, made.get(value)));
      for (String value : Segments.passed(graph, segment)) {
        assertThat(segment.from().values()).contains(value);
        assertThat(next.put(value, alive.get(value))).isNull();
      }
      assertThat(next.keySet()).containsExactlyInAnyOrderElementsOf(segment.to().values());
      next.forEach((value, formula) -> assertThat(formula).isEqualTo(whole.get(value)));
      alive = next;
    }
    assertThat(ran).isEqualTo(needed(graph));
  }

  /** The nodes that some output depends on. */
  private static Set<Node> needed(Graph graph) {
    Set<String> values = new HashSet<>(names(graph.outputs()));
    Set<Node> nodes = new HashSet<>();
    for (Node node : graph.nodes().reversed()) {
      if (node.outputs().stream().anyMatch(values::contains)) {
        nodes.add(node);
        values.addAll(node.reads());
      }
    }
    return nodes;
  }

  private static List<String> names(List<Value> values) {
    return values.stream().map(Value::name).toList();
  }
}
