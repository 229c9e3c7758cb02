package dev.skein.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.graph.Attribute;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Opaque;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.graph.Weight;
import dev.skein.tensor.Difference;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class ParallelSessionTest {
  private static final SessionOptions OPTIONS = SessionOptions.defaults();

  @ParameterizedTest
  @ValueSource(strings = {"squeezenet1.1.onnx", "FastestDet.onnx", "shufflenet_v2_x1.0.onnx"})
  void branchesSideBySideGiveThePlainResult(String name) {
    Model model = RealModels.read(name);
    Map<String, Tensor> inputs = RealModels.inputs(model, 1);
    Map<String, Tensor> expected = plain(model, inputs);

    try (ParallelSession session = split(model, inputs, 3)) {
      assertThat(session.isParallel()).isTrue();
      assertThat(session.lanes()).isGreaterThan(1);
      for (int run = 0; run < 3; run++) {
        Map<String, Tensor> actual = session.run(inputs);
        assertThat(List.copyOf(actual.keySet())).isEqualTo(List.copyOf(expected.keySet()));
        assertThat(Difference.of(expected, actual)).isLessThanOrEqualTo(Difference.TOLERANCE);
      }
    }
  }

  @Test
  void twoChainsWithoutAJoinBothAnswer() {
    List<Node> nodes = new ArrayList<>();
    Map<String, Weight> weights = new LinkedHashMap<>();
    Random random = new Random(3);
    for (String chain : List.of("a", "b")) {
      String last = "x";
      for (int i = 0; i < 4; i++) {
        float[] values = new float[16 * 16 * 9];
        for (int v = 0; v < values.length; v++) {
          values[v] = (float) random.nextGaussian() / 12;
        }
        weights.put(
            chain + "w" + i, new Weight.Held(Tensor.ofFloats(Shape.of(16, 16, 3, 3), values)));
        String next = chain + i;
        nodes.add(
            Node.of("Conv", List.of(last, chain + "w" + i), List.of(next))
                .with("pads", new Attribute.OfInts(List.of(1L, 1L, 1L, 1L))));
        last = next;
      }
    }
    TensorType type = TensorType.of(ElementType.FLOAT, Shape.of(1, 16, 32, 32));
    Graph graph =
        new Graph(
            "two",
            List.of(Value.of("x", type)),
            List.of(Value.of("a3", type), Value.of("b3", type)),
            nodes,
            weights,
            List.of(),
            Opaque.NONE);
    Model model = new Model(graph, 8, Map.of("", 17L), Map.of(), Opaque.NONE);
    Map<String, Tensor> inputs = RealModels.inputs(model, 1);

    try (ParallelSession session = split(model, inputs, 2)) {
      assertThat(session.isParallel()).isTrue();
      assertThat(Difference.of(plain(model, inputs), session.run(inputs)))
          .isLessThanOrEqualTo(Difference.TOLERANCE);
    }
  }

  @Test
  void otherShapesThanTheSampleRunToo() {
    Model model = RealModels.read("squeezenet1.1.onnx");
    Map<String, Tensor> two = RealModels.inputs(model, 2);

    try (ParallelSession session = split(model, RealModels.inputs(model, 1), 2)) {
      assertThat(Difference.of(plain(model, two), session.run(two)))
          .isLessThanOrEqualTo(Difference.TOLERANCE);
    }
  }

  @Test
  void severalCallersAtOnceGetTheirOwnResults() throws Exception {
    Model model = RealModels.read("squeezenet1.1.onnx");
    Map<String, Tensor> inputs = RealModels.inputs(model, 1);
    Map<String, Tensor> expected = plain(model, inputs);

    try (ParallelSession session = split(model, inputs, 2);
        ExecutorService callers = Executors.newFixedThreadPool(4)) {
      Callable<Double> call = () -> Difference.of(expected, session.run(inputs));
      List<Future<Double>> calls = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        calls.add(callers.submit(call));
      }
      for (Future<Double> one : calls) {
        assertThat(one.get(60, TimeUnit.SECONDS)).isLessThanOrEqualTo(Difference.TOLERANCE);
      }
    }
  }

  @Test
  void aChainRunsWholeAndSaysWhy() {
    Model model = RealModels.read("tiny_kws_dscnn.onnx");
    Map<String, Tensor> inputs = RealModels.inputs(model, 1);

    try (ParallelSession session = ParallelSession.open(model, inputs, 2, OPTIONS)) {
      assertThat(session.isParallel()).isFalse();
      assertThat(session.reason()).contains("no branches");
      assertThat(Difference.of(plain(model, inputs), session.run(inputs))).isZero();
    }
  }

  @Test
  void oneCoreIsNotEnough() {
    Model model = RealModels.read("tiny_kws_dscnn.onnx");

    assertThatThrownBy(
            () -> ParallelSession.open(model, RealModels.inputs(model, 1), 1, OPTIONS).close())
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("at least 2 cores");
  }

  private static ParallelSession split(Model model, Map<String, Tensor> inputs, int cores) {
    List<BranchSplit.Part> parts = BranchSplit.of(model, inputs, cores);
    return ParallelSession.split(model, parts, inputs, new ParallelSession.Cores(cores, OPTIONS));
  }

  private static Map<String, Tensor> plain(Model model, Map<String, Tensor> inputs) {
    try (Session session = Session.open(model, OPTIONS)) {
      return session.run(inputs);
    }
  }
}
