package dev.skein.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.skein.engine.RealModels;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Weight;
import dev.skein.rewrite.Scope;
import dev.skein.slice.Nets;
import dev.skein.tensor.Difference;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LowRankTest {
  /** A weight whose matrix of rows × everything else has rank 2. */
  private static Tensor rankTwo(long... dims) {
    Random random = new Random(3);
    Shape shape = Shape.of(dims);
    int rows = (int) dims[0];
    int columns = (int) (shape.elements() / rows);
    double[][] left = new double[rows][2];
    double[][] right = new double[2][columns];
    Stream.of(left).forEach(row -> Arrays.setAll(row, i -> random.nextGaussian()));
    Stream.of(right).forEach(row -> Arrays.setAll(row, i -> random.nextGaussian()));
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      int row = i / columns;
      int column = i % columns;
      values[i] = (float) (left[row][0] * right[0][column] + left[row][1] * right[1][column]);
    }
    return Tensor.ofFloats(shape, values);
  }

  static Stream<Arguments> layers() {
    List<Arguments> cases = new ArrayList<>();
    for (boolean bias : new boolean[] {true, false}) {
      cases.add(
          Arguments.of(
              "3×3 convolution, bias " + bias,
              new Nets(13)
                  .batch("x", 4, 9, 8)
                  .weight("w", rankTwo(6, 4, 3, 3))
                  .weight("b", 6)
                  .node(
                      "Conv",
                      bias ? "x,w,b" : "x,w",
                      "y",
                      "pads",
                      new long[] {1, 0, 1, 2},
                      "strides",
                      new long[] {2, 1},
                      "kernel_shape",
                      new long[] {3, 3})
                  .model("y"),
              2 * (36 + 6) + (bias ? 6 : 0)));
      cases.add(
          Arguments.of(
              "Gemm, bias " + bias,
              new Nets(13)
                  .batch("x", 8)
                  .weight("w", rankTwo(7, 8))
                  .weight("b", 7)
                  .node("Gemm", bias ? "x,w,b" : "x,w", "y", "transB", 1, "alpha", 0.5f, "beta", 2f)
                  .model("y"),
              2 * 15 + (bias ? 7 : 0)));
    }
    cases.add(
        Arguments.of(
            "1-D convolution",
            new Nets(13)
                .batch("x", 4, 9)
                .weight("w", rankTwo(6, 4, 5))
                .node("Conv", "x,w", "y", "dilations", new long[] {2})
                .model("y"),
            2 * 26));
    cases.add(
        Arguments.of(
            "MatMul of rank 3",
            new Nets(13)
                .batch("x", 5, 8)
                .weight("w", rankTwo(8, 7))
                .node("MatMul", "x,w", "y")
                .model("y"),
            2 * 15));
    return cases.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("layers")
  void findsTheRankThatIsThere(String name, Model model, long parameters) {
    Compressed small = LowRank.ofEnergy(0.999999).compress(model);
    Compressed.Factored factored = (Compressed.Factored) small.changes().getFirst();
    assertThat(factored.rank()).isEqualTo(2);
    assertThat(factored.energy()).isCloseTo(1, within(1e-6));
    assertThat(small.model().graph().nodes()).hasSize(2);
    assertThat(small.model().graph().weights()).doesNotContainKey("w");
    assertThat(parameters(small.model())).isEqualTo(parameters);
    Map<String, Tensor> inputs = Nets.noise(model, 2);
    assertThat(Difference.of(Nets.run(model, inputs), Nets.run(small.model(), inputs)))
        .isLessThanOrEqualTo(1e-6);
  }

  /** Of the weights that nodes read. */
  private static long parameters(Model model) {
    return model.graph().nodes().stream()
        .flatMap(node -> node.reads().stream())
        .map(model.graph().weights()::get)
        .mapToLong(
            weight -> weight instanceof Weight.Held(Tensor tensor) ? tensor.shape().elements() : 0)
        .sum();
  }

  @Test
  void leavesALayerWhoseMultiplicationsWouldNotFall() {
    Model model =
        new Nets(13)
            .batch("x", 4, 9, 8)
            .weight("w", 6, 4, 3, 3)
            .node("Conv", "x,w", "y")
            .model("y");
    // r·(6 + 36) < 6·36 holds up to r = 5.
    assertThat(LowRank.ofPortion(5 / 6.0).compress(model).changes()).hasSize(1);
    Compressed full = LowRank.ofPortion(1).compress(model);
    assertThat(full.changes()).isEmpty();
    assertThat(full.model()).isEqualTo(model);
  }

  @Test
  void leavesGroupsAndWhatIsNoLayerAlone() {
    Model model =
        new Nets(13)
            .batch("x", 4, 9, 8)
            .weight("w", 4, 2, 3, 3)
            .weight("d", 4, 1, 3, 3)
            .node("Conv", "x,w", "a", "group", 2)
            .node("Conv", "a,d", "b", "group", 4)
            .node("Relu", "b", "y")
            .model("y");
    assertThat(LowRank.ofPortion(0.1).compress(model).model()).isEqualTo(model);
  }

  @Test
  void refusesShares() {
    assertThatThrownBy(() -> LowRank.ofEnergy(0)).hasMessageContaining("0.0");
    assertThatThrownBy(() -> LowRank.ofPortion(1.5)).hasMessageContaining("1.5");
    assertThatThrownBy(() -> LowRank.ofEnergy(Double.NaN)).hasMessageContaining("NaN");
  }

  /** What is cut off is exactly the energy that is missing: ‖W − L·R‖² = (1 − energy)·‖W‖². */
  @Test
  void losesTheEnergyThatItSays() {
    Model model =
        new Nets(13).batch("x", 40).weight("w", 40, 60).node("MatMul", "x,w", "y").model("y");
    Compressed small = LowRank.ofEnergy(0.6).compress(model);
    double energy = ((Compressed.Factored) small.changes().getFirst()).energy();
    assertThat(energy).isBetween(0.6, 0.65);
    float[] identity = new float[40 * 40];
    for (int i = 0; i < 40; i++) {
      identity[i * 41] = 1;
    }
    Map<String, Tensor> inputs = Map.of("x", Tensor.ofFloats(Shape.of(40, 40), identity));
    float[] exact = Nets.run(model, inputs).get("y").toFloats();
    float[] near = Nets.run(small.model(), inputs).get("y").toFloats();
    double lost = 0;
    double all = 0;
    for (int i = 0; i < exact.length; i++) {
      lost += Math.pow((double) exact[i] - near[i], 2);
      all += Math.pow(exact[i], 2);
    }
    assertThat(lost / all).isCloseTo(1 - energy, within(1e-5));
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(
      strings = {"mobilenetv2_cifar10.onnx", "mobilenetv2_1.0_224.onnx", "squeezenet1.1.onnx"})
  void factoredIsTheOriginalWithMultipliedFactorsInLargeModels(String name) {
    factoredIsTheOriginalWithMultipliedFactors(name);
  }

  /** The oracle: the original with each weight replaced by the product of its factors. */
  @ParameterizedTest
  @ValueSource(strings = {"cifar10_resnet20.onnx", "tiny_anomaly_autoencoder.onnx"})
  void factoredIsTheOriginalWithMultipliedFactors(String name) {
    Model model = Nets.annotated(RealModels.read(name));
    Compressed small = LowRank.ofPortion(0.4).compress(model);
    assertThat(small.changes()).isNotEmpty();
    Scope before = new Scope(model);
    Scope after = new Scope(small.model());
    Map<String, Weight> weights = new LinkedHashMap<>(model.graph().weights());
    long saved = 0;
    for (Compressed.Change change : small.changes()) {
      Node second = Nets.maker(after, change.value());
      Node first = Nets.maker(after, second.inputs().getFirst());
      Node old = Nets.maker(before, change.value());
      Shape shape = tensor(before, old).shape();
      boolean conv = old.op().equals("Conv");
      Tensor left = tensor(after, conv ? second : first);
      Tensor right = tensor(after, conv ? first : second);
      float[] product = product(left, right, ((Compressed.Factored) change).rank());
      boolean stored = old.attributes().containsKey("transB");
      weights.put(
          old.inputs().get(1),
          new Weight.Held(stored ? transposed(shape, product) : Tensor.ofFloats(shape, product)));
      long fewer = shape.elements() - left.shape().elements() - right.shape().elements();
      assertThat(fewer).isPositive();
      saved += fewer;
    }
    assertThat(parameters(model) - parameters(small.model())).isEqualTo(saved);
    Model multiplied = model.with(model.graph().withWeights(weights));
    Map<String, Tensor> inputs = Nets.noise(model, 1);
    assertThat(Difference.of(Nets.run(multiplied, inputs), Nets.run(small.model(), inputs)))
        .isLessThanOrEqualTo(Difference.TOLERANCE);
  }

  private static Tensor tensor(Scope scope, Node node) {
    return scope.floats(node.inputs().get(1));
  }

  private static float[] product(Tensor left, Tensor right, int rank) {
    DMatrixRMaj product = new DMatrixRMaj(0, 0);
    CommonOps_DDRM.mult(matrix(left, rank, false), matrix(right, rank, true), product);
    float[] values = new float[product.getNumElements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) product.data[i];
    }
    return values;
  }

  private static DMatrixRMaj matrix(Tensor tensor, int rank, boolean wide) {
    float[] values = tensor.toFloats();
    int side = values.length / rank;
    DMatrixRMaj matrix = wide ? new DMatrixRMaj(rank, side) : new DMatrixRMaj(side, rank);
    Arrays.setAll(matrix.data, i -> values[i]);
    return matrix;
  }

  private static Tensor transposed(Shape shape, float[] values) {
    int rows = (int) shape.dim(0);
    int columns = (int) shape.dim(1);
    float[] turned = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      turned[i] = values[i % columns * rows + i / columns];
    }
    return Tensor.ofFloats(shape, turned);
  }
}
