package dev.skein.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.TestModels;
import dev.skein.onnx.OnnxReader;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CutsTest {
  @Test
  void chainIsCutBehindEveryNode() {
    Graph graph =
        new Sketch()
            .in("x")
            .node("a = Exp(x)")
            .node("b = Neg(a)")
            .node("c = Abs(b)")
            .out("c")
            .graph();
    assertThat(Cuts.of(graph, 1))
        .containsExactly(cut(0, "x"), cut(1, "a"), cut(2, "b"), cut(3, "c"));
  }

  @Test
  void branchWidensTheFrontier() {
    Graph graph =
        new Sketch()
            .in("x")
            .node("a = Exp(x)")
            .node("b = Neg(a)")
            .node("c = Add(a, b)")
            .node("d = Abs(c)")
            .out("d")
            .graph();
    assertThat(Cuts.of(graph, 2))
        .containsExactly(cut(0, "x"), cut(1, "a"), cut(2, "a", "b"), cut(3, "c"), cut(4, "d"));
    assertThat(Cuts.of(graph, 1))
        .containsExactly(cut(0, "x"), cut(1, "a"), cut(3, "c"), cut(4, "d"));
    assertThat(Cuts.of(graph, 0)).containsExactly(cut(0, "x"), cut(4, "d"));
  }

  @Test
  void constantsAndWhatFollowsFromThemAreNeverInAFrontier() {
    Graph graph =
        new Sketch()
            .in("x", "w")
            .weight("w", 1)
            .node("k = Constant()")
            .node("kw = Mul(k, w)")
            .node("a = Exp(x)")
            .node("b = Mul(a, kw)")
            .node("c = Add(b, w)")
            .out("c")
            .graph();
    assertThat(Cuts.of(graph, 9))
        .containsExactly(cut(0, "x"), cut(3, "a"), cut(4, "b"), cut(5, "c"));
  }

  @Test
  void randomNumbersAreDrawnOnce() {
    Graph graph =
        new Sketch()
            .in("x")
            .node("r = RandomNormal()")
            .node("a = Add(x, r)")
            .node("b = Add(a, r)")
            .out("b")
            .graph();
    assertThat(Cuts.of(graph, 9))
        .containsExactly(cut(0, "x"), cut(1, "x", "r"), cut(2, "r", "a"), cut(3, "b"));
  }

  @Test
  void earlyOutputsAndLateInputsStayInTheFrontier() {
    Graph graph =
        new Sketch()
            .in("x", "late")
            .node("early = Exp(x)")
            .node("a = Neg(early)")
            .node("b = Add(a, late)")
            .out("b", "early")
            .graph();
    assertThat(Cuts.of(graph, 9))
        .containsExactly(
            cut(0, "x", "late"),
            cut(1, "late", "early"),
            cut(2, "late", "early", "a"),
            cut(3, "b", "early"));
  }

  @Test
  void outputsThatAreInputsWeightsOrTwiceThere() {
    Graph graph =
        new Sketch()
            .in("x", "unused")
            .weight("w", 1)
            .node("k = Neg(w)")
            .node("y = Exp(x)")
            .node("dead = Abs(unused)")
            .out("y", "x", "w", "k", "y")
            .graph();
    assertThat(Cuts.of(graph, 9)).containsExactly(cut(0, "x"), cut(3, "y", "x", "w", "k"));
  }

  @Test
  void graphWithNothingToRunHasTwoCuts() {
    Graph graph = new Sketch().in("x").weight("w", 1).out("x", "w").graph();
    assertThat(Cuts.of(graph, 9)).containsExactly(cut(0, "x"), cut(0, "x", "w"));
  }

  @Test
  void valuesThatOnlyABodyReadsStayAlive() {
    Graph inner = new Sketch().node("i = Neg(deep)").out("i").graph();
    Graph body =
        new Sketch().node("x = If(c)", "then_branch", inner).node("o = Add(x, a)").out("o").graph();
    Graph graph =
        new Sketch()
            .in("x", "c", "deep")
            .node("a = Exp(x)")
            .node("b = Neg(x)")
            .node("y = If(b)", "then_branch", body)
            .out("y")
            .graph();
    assertThat(Cuts.of(graph, 9))
        .containsExactly(
            cut(0, "x", "c", "deep"),
            cut(1, "x", "c", "deep", "a"),
            cut(2, "c", "deep", "a", "b"),
            cut(3, "y"));
  }

  @Test
  void noCutWhereASequenceIsAlive() {
    Graph graph =
        new Sketch()
            .in("x")
            .node("a = Exp(x)")
            .node("s = SplitToSequence(a)")
            .node("t = Identity(s)")
            .node("e = ConcatFromSequence(t)")
            .node("y = Abs(e)")
            .out("y")
            .graph();
    assertThat(Cuts.of(graph, 9))
        .containsExactly(cut(0, "x"), cut(1, "a"), cut(4, "e"), cut(5, "y"));
  }

  /** Blocks that read the mask prepared at the start, the residual stream and nothing else. */
  @Test
  void transformerIsCutBetweenBlocksAtTheStreamAndTheMask() {
    Graph graph = transformer(4);
    Verifier.verify(graph);
    assertThat(Cuts.of(graph, 2).stream().filter(cut -> cut.values().contains("bias")))
        .extracting(Cut::values)
        .contains(List.of("bias", "h0"), List.of("bias", "h1"), List.of("bias", "h2"))
        .allMatch(values -> values.size() == 2);
    assertThat(Cuts.of(graph, 1)).extracting(Cut::values).contains(List.of("h4"));
  }

  static Graph transformer(int blocks) {
    Sketch sketch = new Sketch().in("ids", "mask").weight("table", 1).weight("w", 2).weight("i", 0);
    sketch.node("open = Unsqueeze(mask, i)").node("cast = Cast(open)").node("bias = Mul(cast, w)");
    sketch.node("h0 = Gather(table, ids)");
    for (int b = 0; b < blocks; b++) {
      String p = "b" + b + ".";
      String h = "h" + b;
      for (String part : List.of("q", "k", "v")) {
        sketch.node(p + part + " = MatMul(" + h + ", w)");
        sketch.node(p + part + ".dims = Shape(" + p + part + ")");
        sketch.node(p + part + ".rows = Gather(" + p + part + ".dims, i)");
        sketch.node(p + part + ".to = Concat(" + p + part + ".rows, i)");
        sketch.node(p + part + ".heads = Reshape(" + p + part + ", " + p + part + ".to)");
      }
      sketch.node(p + "qk = MatMul(" + p + "q.heads, " + p + "k.heads)");
      sketch.node(p + "masked = Add(" + p + "qk, bias)");
      sketch.node(p + "soft = Softmax(" + p + "masked)");
      sketch.node(p + "mixed = MatMul(" + p + "soft, " + p + "v.heads)");
      sketch.node(p + "sum = Add(" + p + "mixed, " + h + ")");
      sketch.node(p + "norm = LayerNormalization(" + p + "sum, w)");
      sketch.node(p + "up = MatMul(" + p + "norm, w)");
      sketch.node(p + "act = Gelu(" + p + "up)");
      sketch.node("h" + (b + 1) + " = Add(" + p + "act, " + p + "norm)");
    }
    return sketch.node("y = MatMul(h" + blocks + ", w)").out("y").graph();
  }

  /** At least one single-value cut between any two of the model's blocks. */
  @ParameterizedTest
  @CsvSource({
    "mobilenetv2_1.0_224.onnx, Add, 10",
    "cifar10_resnet20.onnx, Add, 9",
    "cifar10_resnet56.onnx, Add, 27",
    "tiny_cifar10_resnet8.onnx, Add, 3",
    "squeezenet1.1.onnx, Concat, 8",
    "shufflenet_v2_x1.0.onnx, Concat, 16",
  })
  void realModelIsCutInOneValueBehindEveryBlock(String file, String blockEnd, int blocks) {
    Graph graph = OnnxReader.read(TestModels.file(file)).graph();
    List<List<String>> single =
        Cuts.of(graph, 1).stream().map(Cut::values).filter(values -> values.size() == 1).toList();
    Stream<List<String>> ends =
        graph.nodes().stream().filter(node -> node.op().equals(blockEnd)).map(Node::outputs);
    assertThat(ends.filter(single::contains)).hasSizeGreaterThanOrEqualTo(blocks);
  }

  @Test
  void detectorWithFeaturePyramidIsCutInThreeValues() {
    Graph graph = OnnxReader.read(TestModels.file("FastestDet.onnx")).graph();
    assertThat(Cuts.of(graph, 1)).hasSizeGreaterThan(20);
    assertThat(Cuts.of(graph, 4)).hasSize(graph.nodes().size() + 1);
  }

  private static Cut cut(int position, String... values) {
    return new Cut(position, List.of(values));
  }
}
