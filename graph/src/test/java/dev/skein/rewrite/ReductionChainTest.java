package dev.skein.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Weight;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReductionChainTest {
  private final Rewrite pass = new ReductionChain();

  private static Sketches sketch() {
    return new Sketches()
        .in("x", "N", 3, 8, 8)
        .longs("two", 2)
        .longs("three", 3)
        .longs("spatial", -1, 2)
        .out("y");
  }

  private List<String> lines(Model model) {
    return Sketches.lines(Sketches.after(pass, model));
  }

  private static long[] longs(Graph graph, String name) {
    return ((Weight.Held) graph.weights().get(name)).tensor().data().toArray(Tensor.INT64);
  }

  @Test
  void meanOverTheMapIsAGlobalPooling() {
    assertThat(lines(sketch().node("y = ReduceMean(x) axes=[3,2]").model()))
        .containsExactly("y = GlobalAveragePool(x)");
    assertThat(lines(sketch().node("y = ReduceMean(x, spatial)").model(18)))
        .containsExactly("y = GlobalAveragePool(x)");
    assertThat(lines(sketch().node("y = ReduceMean(x) axes=[-1,-2] keepdims=0").model()))
        .containsExactly("y_pooled_1 = GlobalAveragePool(x)", "y = Flatten(y_pooled_1) axis=1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "y = ReduceMean(x) axes=[2]",
        "y = ReduceMean(x) axes=[1,2,3]",
        "y = ReduceMean(x)",
        "y = ReduceSum(x) axes=[2,3]",
        "y = ReduceMean(x) axes=[2,7]",
        "y = AveragePool(x) kernel_shape=[8,4]",
        "y = AveragePool(x) kernel_shape=[8,8] pads=[0,0,0,1]",
        "y = AveragePool(x) kernel_shape=[8,8] auto_pad='SAME_UPPER'",
        "y = MaxPool(x) kernel_shape=[8,8] dilations=[2,2]",
        "y, i = MaxPool(x) kernel_shape=[8,8]"
      })
  void partsOfTheMapAreLeft(String line) {
    Model model = sketch().node(line).model();
    assertThat(Sketches.after(pass, model)).isSameAs(model.graph());
  }

  @Test
  void windowOverTheMapIsAGlobalPooling() {
    assertThat(lines(sketch().node("y = AveragePool(x) kernel_shape=[8,8] strides=[8,8]").model()))
        .containsExactly("y = GlobalAveragePool(x)");
    assertThat(lines(sketch().node("y = MaxPool(x) kernel_shape=[8,8] auto_pad='VALID'").model()))
        .containsExactly("y = GlobalMaxPool(x)");
  }

  @Test
  void otherTypesRanksAndDequantisedMapsAreLeft() {
    Model doubles =
        new Sketches()
            .in("x", ElementType.DOUBLE, 1, 3, 8, 8)
            .node("y = ReduceMean(x) axes=[2,3]")
            .out("y")
            .model();
    Model sequence =
        new Sketches().in("x", 1, 8, 8).node("y = ReduceMean(x) axes=[2]").out("y").model();
    Model unknown = sketch().node("a = Exp(x)").node("y = ReduceMean(a) axes=[2,3]").model();
    Model quantised =
        new Sketches()
            .in("q", ElementType.UINT8, 1, 3, 8, 8)
            .scalar("scale", 0.1f)
            .node("x = DequantizeLinear(q, scale)")
            .type("x", 1, 3, 8, 8)
            .node("y = ReduceMean(x) axes=[2,3]")
            .out("y")
            .model();
    for (Model model : List.of(doubles, sequence, unknown, quantised)) {
      assertThat(Sketches.after(pass, model)).isSameAs(model.graph());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a = ReduceMax(x) axes=[3]            | y = ReduceMax(a) axes=[1] | y = ReduceMax(x) axes=[1,3]",
        "a = ReduceMin(x) axes=[1] keepdims=0 | y = ReduceMin(a) axes=[1] keepdims=0 "
            + "| y = ReduceMin(x) keepdims=0 axes=[1,2]",
        "a = ReduceMean(x) axes=[2] | y = ReduceMean(a) axes=[-1] | y = GlobalAveragePool(x)",
        "a = ReduceProd(x) axes=[1] | y = ReduceProd(a) axes=[1]  | y = ReduceProd(x) axes=[1]"
      })
  void reductionsOfAKindBecomeOne(String first, String second, String expected) {
    Model model =
        sketch()
            .node(first)
            .node(second)
            .type("a", first.contains("keepdims") ? new Object[] {"N", 8, 8} : dims(first))
            .model();
    assertThat(lines(model)).containsExactly(expected);
  }

  private static Object[] dims(String line) {
    Object[] dims = {"N", 3, 8, 8};
    dims[Integer.parseInt(line.replaceAll(".*\\[(\\d)].*", "$1"))] = 1;
    return dims;
  }

  @Test
  void axesAreInputsInNewerOperatorSets() {
    Model model =
        sketch()
            .node("a = ReduceSum(x, two)")
            .type("a", "N", 3, 1, 8)
            .node("y = ReduceSum(a, three)")
            .model();
    Graph graph = Sketches.after(pass, model);
    assertThat(Sketches.lines(graph)).containsExactly("y = ReduceSum(x, y_axes_1)");
    assertThat(longs(graph, "y_axes_1")).containsExactly(2, 3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a = ReduceMax(x) axes=[3] keepdims=0 | y = ReduceMax(a) axes=[1]",
        "a = ReduceMax(x) axes=[3]            | y = ReduceMin(a) axes=[1]",
        "a = ReduceSum(x, two)                | y = ReduceSum(a, x)",
        "a = ReduceSum(x, two)                | y = ReduceSum(a) noop_with_empty_axes=1",
        "a = ReduceL2(x) axes=[3]             | y = ReduceL2(a) axes=[1]"
      })
  void reductionsThatDifferAreLeft(String first, String second) {
    Model model = sketch().node(first).node(second).type("a", "N", 3, 8, 8).model();
    assertThat(Sketches.after(pass, model)).isSameAs(model.graph());
  }

  @Test
  void meansOfIntegersAreRoundedOneByOne() {
    for (ElementType element : List.of(ElementType.INT32, ElementType.INT64)) {
      assertThat(lines(integers(element, "ReduceMean"))).hasSize(2);
      assertThat(lines(integers(element, "ReduceMax")))
          .containsExactly("y = ReduceMax(x) axes=[0,1]");
    }
    assertThat(lines(integers(ElementType.DOUBLE, "ReduceMean"))).hasSize(1);
  }

  private static Model integers(ElementType element, String op) {
    return new Sketches()
        .in("x", element, "N", 3)
        .node("a = " + op + "(x) axes=[1]")
        .type("a", element, "N", 1)
        .node("y = " + op + "(a) axes=[0]")
        .out("y")
        .model();
  }

  @Test
  void reductionThatOthersReadStays() {
    Model model =
        sketch()
            .node("a = ReduceMax(x) axes=[3]")
            .type("a", "N", 3, 8, 1)
            .node("y = ReduceMax(a) axes=[2]")
            .out("a")
            .model();
    assertThat(Sketches.after(pass, model)).isSameAs(model.graph());
  }
}
