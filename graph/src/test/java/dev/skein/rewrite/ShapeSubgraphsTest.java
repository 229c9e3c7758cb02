package dev.skein.rewrite;

import static dev.skein.rewrite.Sketches.after;
import static dev.skein.rewrite.Sketches.lines;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Weight;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShapeSubgraphsTest {
  private static final ShapeSubgraphs PASS = new ShapeSubgraphs();

  private static Sketches sketch(String... formulas) {
    Sketches sketch =
        new Sketches()
            .in("x", "N", 6, 4, 5)
            .in("z", "M", 6)
            .in("given", ElementType.INT64, 4)
            .weight("none", Tensor.ofLongs(Shape.of(), 0))
            .weight("last", Tensor.ofLongs(Shape.of(), -1))
            .longs("first", 0)
            .longs("one", 1)
            .longs("three", 3)
            .longs("minus", -1)
            .longs("six", 6)
            .longs("two", 2);
    for (String formula : formulas) {
      sketch.node(formula);
    }
    return sketch.out("y");
  }

  @Test
  void sizesThatAreKnownBecomeWeights() {
    Graph graph =
        after(
            PASS,
            sketch("s = Shape(w)", "n = Size(w)", "y = Op(s, n)")
                .weight("w", Shape.of(2, 3), 1, 2, 3, 4, 5, 6)
                .model());
    assertThat(lines(graph)).containsExactly("y = Op(s, n)");
    assertThat(numbers(graph, "s")).containsExactly(2, 3);
    assertThat(numbers(graph, "n")).containsExactly(6);
    assertThat(tensor(graph, "n").shape()).isEqualTo(Shape.of());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "a = Gather(s, last); 5; 0",
        "a = Gather(s, one); 6; 1",
        "a = Slice(s, one, three); 6 4; 1",
        "a = Slice(s, minus, three); ''; 1",
        "a = Slice(s, two, minus); 4; 1",
      })
  void partsOfAShapeNeedThoseAxesOnly(String formula, String expected, int rank) {
    Graph graph = after(PASS, sketch("s = Shape(x)", formula, "y = Op(a)").model());
    assertThat(lines(graph)).containsExactly("s = Shape(x)", "y = Op(a)");
    assertThat(numbers(graph, "a")).containsExactly(longs(expected));
    assertThat(tensor(graph, "a").shape().rank()).isEqualTo(rank);
  }

  @Test
  void startAndEndAreHeeded() {
    Graph graph = after(PASS, sketch("a = Shape(x) start=1 end=-1", "y = Op(a)").model());
    assertThat(numbers(graph, "a")).containsExactly(6, 4);
  }

  @Test
  void arithmeticIsDone() {
    Graph graph =
        after(
            PASS,
            sketch(
                    "s = Shape(x)",
                    "h = Gather(s, one)",
                    "w = Gather(s, last)",
                    "v = Unsqueeze(w, first)",
                    "i = Cast(v) to=6",
                    "j = Cast(i) to=7",
                    "p = Mul(h, j)",
                    "q = Div(p, two)",
                    "r = Sub(q, three)",
                    "t = Concat(r, h) axis=0",
                    "u = Add(t, one)",
                    "y = Op(u)")
                .model());
    assertThat(lines(graph)).containsExactly("s = Shape(x)", "y = Op(u)");
    assertThat(numbers(graph, "u")).containsExactly(13, 7);
  }

  @Test
  void unknownSizesStay() {
    Model model =
        sketch("s = Shape(x)", "a = Gather(s, none)", "b = Mul(a, two)", "c = Shape(given)")
            .node("y = Op(a, b)")
            .out("c")
            .model();
    assertThat(after(PASS, model)).isEqualTo(model.graph());
  }

  @Test
  void declaredSizeOfZeroProvesNothing() {
    Model model =
        new Sketches().in("x", 0, 4).node("s = Shape(x)").node("y = Op(s)").out("y").model();
    assertThat(after(PASS, model)).isEqualTo(model.graph());
  }

  @Test
  void batchThatIsKeptIsCopied() {
    Graph graph =
        after(
            PASS,
            sketch(
                    "s = Shape(x)",
                    "n = Gather(s, none)",
                    "v = Unsqueeze(n, first)",
                    "t = Concat(v, minus) axis=0",
                    "y = Reshape(x, t)")
                .model());
    assertThat(lines(graph).getLast()).isEqualTo("y = Reshape(x, y_shape_1)");
    assertThat(numbers(graph, "y_shape_1")).containsExactly(0, -1);
  }

  @Test
  void singleUnknownAmongKnownIsWhatIsLeft() {
    Graph graph =
        after(
            PASS,
            sketch(
                    "s = Shape(x)",
                    "n = Gather(s, first)",
                    "m = Mul(n, two)",
                    "t = Concat(m, three, one) axis=0",
                    "y = Reshape(x, t)")
                .model());
    assertThat(numbers(graph, "y_shape_1")).containsExactly(-1, 3, 1);
  }

  @Test
  void targetsThatProveNothingStay() {
    Model twoUnknown =
        sketch(
                "s = Shape(x)",
                "n = Gather(s, first)",
                "m = Mul(n, two)",
                "t = Concat(m, minus) axis=0",
                "y = Reshape(x, t)")
            .model();
    assertThat(lines(after(PASS, twoUnknown))).last().isEqualTo("y = Reshape(x, t)");
    Model otherAxis =
        sketch(
                "s = Shape(z)",
                "n = Gather(s, first)",
                "t = Concat(n, minus) axis=0",
                "y = Reshape(x, t)")
            .model();
    assertThat(lines(after(PASS, otherAxis))).last().isEqualTo("y = Reshape(x, t)");
    Model otherPlace =
        sketch(
                "s = Shape(x)",
                "n = Gather(s, first)",
                "t = Concat(minus, n) axis=0",
                "y = Reshape(x, t)")
            .model();
    assertThat(lines(after(PASS, otherPlace))).last().isEqualTo("y = Reshape(x, t)");
    Model zeros =
        sketch(
                "s = Shape(x)",
                "n = Gather(s, first)",
                "t = Concat(n, first, minus) axis=0",
                "y = Reshape(x, t) allowzero=1")
            .model();
    assertThat(lines(after(PASS, zeros))).last().isEqualTo("y = Reshape(x, t) allowzero=1");
  }

  @Test
  void sizesAreFollowedThroughWhatIsNotDeclared() {
    Graph graph =
        after(
            PASS,
            new Sketches()
                .in("x", "B", "S", 12)
                .weight("w", Shape.of(12, 12), new float[144])
                .weight("bias", Shape.of(12), new float[12])
                .longs("split", 0, 0, 3, 4)
                .longs("first", 0)
                .longs("second", 1)
                .longs("heads", 3)
                .longs("width", 4)
                .longs("all", 12)
                .node("q = MatMul(x, w)")
                .node("a = Add(q, bias)")
                .node("s = Shape(a)")
                .node("b = Gather(s, first)")
                .node("n = Gather(s, second)")
                .node("t = Concat(b, n, heads, width) axis=0")
                .node("h = Reshape(a, t)")
                .node("g = Transpose(h) perm=[0,2,3,1]")
                .node("f = Transpose(h) perm=[0,2,1,3]")
                .node("p = MatMul(f, g)")
                .node("o = Softmax(p)")
                .node("c = MatMul(o, f)")
                .node("e = Transpose(c) perm=[0,2,1,3]")
                .node("r = Shape(e)")
                .node("i = Gather(r, first)")
                .node("j = Gather(r, second)")
                .node("u = Concat(i, j, all) axis=0")
                .node("y = Reshape(e, u)")
                .out("y")
                .model());
    assertThat(numbers(graph, "h_shape_1")).containsExactly(0, 0, 3, 4);
    assertThat(numbers(graph, "y_shape_1")).containsExactly(0, 0, 12);
  }

  @Test
  void outputsStay() {
    Model model = sketch("y = Shape(w)").weight("w", Shape.of(1), 1).model();
    assertThat(after(PASS, model)).isEqualTo(model.graph());
  }

  private static long[] longs(String words) {
    return words.isEmpty()
        ? new long[0]
        : Arrays.stream(words.split(" ")).mapToLong(Long::parseLong).toArray();
  }

  private static Tensor tensor(Graph graph, String name) {
    return ((Weight.Held) graph.weights().get(name)).tensor();
  }

  private static long[] numbers(Graph graph, String name) {
    return tensor(graph, name).data().toArray(Tensor.INT64);
  }
}
