package dev.skein.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.engine.Optimization;
import dev.skein.graph.Attribute;
import dev.skein.graph.Dim;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Forms of layers that no model at hand has: which kernels they become, and that those are right.
 */
class KernelsTest {
  private final Random random = new Random(6);
  private final Map<String, Weight> weights = new HashMap<>();

  private void gauss(String name, long... dims) {
    weights.put(name, new Weight.Held(tensor(dims)));
  }

  private Tensor tensor(long... dims) {
    float[] values = new float[(int) Shape.of(dims).elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.ofFloats(Shape.of(dims), values);
  }

  /** The kernels of the int8 model from x to y, once its output is near. */
  private Map<String, Integer> kernels(long[] dims, Node... nodes) {
    List<Dim> open = new ArrayList<>();
    for (long dim : dims) {
      open.add(open.isEmpty() ? Dim.named("N") : Dim.of(dim));
    }
    Graph graph =
        new Graph(
            "kernels",
            List.of(Value.of("x", new TensorType(ElementType.FLOAT, open))),
            List.of(Value.of("y", null)),
            List.of(nodes),
            weights,
            List.of(),
            Opaque.NONE);
    Model model = new Model(graph, 7, Map.of("", 13L), Map.of(), Opaque.NONE);
    Map<String, Tensor> input = Map.of("x", tensor(dims));
    Model quantised = Quantising.quantised(model, List.of(input), QuantizationOptions.defaults());
    Map<String, Tensor> expected = Quantising.run(model, input, Optimization.ALL);
    for (Optimization how : List.of(Optimization.NONE, Optimization.ALL)) {
      assertThat(Quantising.noise(expected, Quantising.run(quantised, input, how)))
          .as(how.toString())
          .isLessThan(0.001);
    }
    return Quantising.kernels(quantised);
  }

  private static Node node(String op, String inputs, String output) {
    return Node.of(op, List.of(inputs.split(" ")), List.of(output));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void productsOfMatricesAreIntegerOnesWithScalesByColumn(int rank) {
    gauss("v", 16, 24);
    gauss("w", 24, 5);
    long[] dims = {3, 7, 2, 16};
    long[] used = new long[rank];
    System.arraycopy(dims, 0, used, 0, rank - 1);
    used[rank - 1] = 16;
    Map<String, Integer> kernels =
        kernels(
            used, node("MatMul", "x v", "a"), node("Relu", "a", "r"), node("MatMul", "r w", "y"));
    assertThat(kernels).containsKeys("QLinearMatMul", "MatMulIntegerToFloat");
    assertThat(kernels).doesNotContainKeys("MatMul", "Gemm", "Relu");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1})
  void gemmTakesItsWeightsEitherWay(long transposed) {
    gauss("v", transposed == 0 ? new long[] {16, 9} : new long[] {9, 16});
    gauss("b", 9);
    gauss("row", 1, 9);
    gauss("w", 9, 9);
    Map<String, Integer> kernels =
        kernels(
            new long[] {4, 16},
            node("Gemm", "x v b", "a").with("transB", new Attribute.OfInt(transposed)),
            node("Gemm", "a w row", "y"));
    assertThat(kernels).containsEntry("QGemm", 2);
  }

  @Test
  void convolutionsMayHaveOneOrThreeAxes() {
    gauss("w", 4, 3, 5);
    gauss("v", 4, 2, 5);
    assertThat(
            kernels(
                new long[] {2, 3, 40},
                node("Conv", "x w", "a"),
                node("Conv", "a v", "y").with("group", new Attribute.OfInt(2))))
        .containsEntry("QLinearConv", 2);
    gauss("u", 4, 3, 2, 2, 2);
    assertThat(kernels(new long[] {2, 3, 5, 5, 5}, node("Conv", "x u", "y")))
        .containsEntry("QLinearConv", 1);
  }

  @Test
  void autoPaddedAndDilatedOnesToo() {
    gauss("w", 4, 3, 3, 3);
    assertThat(
            kernels(
                new long[] {1, 3, 9, 9},
                node("Conv", "x w", "y")
                    .with("auto_pad", new Attribute.OfString("SAME_UPPER"))
                    .with("strides", new Attribute.OfInts(List.of(2L, 2L)))))
        .containsEntry("QLinearConv", 1);
    assertThat(
            kernels(
                new long[] {1, 3, 9, 9},
                node("Conv", "x w", "y").with("dilations", new Attribute.OfInts(List.of(2L, 2L)))))
        .containsEntry("QLinearConv", 1);
  }
}
