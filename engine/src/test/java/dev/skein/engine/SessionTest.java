package dev.skein.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.graph.Attribute;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Value;
import dev.skein.graph.Weight;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SessionTest {
  private static final Tensor ONES = Tensor.ofFloats(Shape.of(1, 3), 1, 1, 1);
  private static final Tensor COUNT = Tensor.ofFloats(Shape.of(1, 3), 1, 2, 3);

  @Test
  void outputsComeInTheModelsOrderAndFresh() {
    Model model =
        Graphs.model(
            List.of(Graphs.input("x", ElementType.FLOAT, "N", 3)),
            List.of(Value.of("z", null), Value.of("y", null)),
            Node.of("Neg", List.of("x"), List.of("y")),
            Node.of("Abs", List.of("y"), List.of("z")));
    try (Session session = open(model)) {
      Map<String, Tensor> first = session.run(Map.of("x", COUNT));
      Map<String, Tensor> second = session.run(Map.of("x", ONES));
      Map<String, Tensor> third = session.run(Map.of("x", COUNT));
      assertThat(first.keySet()).containsExactly("z", "y");
      assertThat(second.keySet()).containsExactly("z", "y");
      assertThat(first.get("y").toFloats()).containsExactly(-1, -2, -3);
      assertThat(second.get("y").toFloats()).containsExactly(-1, -1, -1);
      assertThat(third.get("z").toFloats()).containsExactly(1, 2, 3);
    }
  }

  @Test
  void declaredAndInferredTypesAreTold() {
    Model model =
        Graphs.model(
            List.of(Graphs.input("x", ElementType.FLOAT, "N", 3)),
            List.of(Value.of("y", null)),
            Node.of("Neg", List.of("x"), List.of("y")));
    try (Session session = open(model)) {
      assertThat(session.inputs()).isEqualTo(model.graph().inputs());
      assertThat(session.outputs()).containsExactly(Graphs.input("y", ElementType.FLOAT, "N", 3));
    }
  }

  @Test
  void otherBatchSizesRunOnTheSameSession() {
    try (Session session = open(Graphs.sum())) {
      for (int batch : new int[] {1, 4, 1, 2, 4}) {
        Tensor zeros = Tensor.allocate(ElementType.FLOAT, Shape.of(batch, 3));
        Tensor y = session.run(Map.of("a", zeros, "b", COUNT)).get("y");
        assertThat(y.shape()).isEqualTo(Shape.of(batch, 3));
        assertThat(y.toFloats()).startsWith(1, 2, 3);
      }
    }
  }

  @Test
  void wrongInputsAreNamedInOneLine() {
    try (Session session = open(Graphs.sum())) {
      refused(session, Map.of("a", ONES), "input 'b' is missing: it wants float[Nx3]");
      refused(
          session,
          Map.of("a", ONES, "b", ONES, "c", ONES),
          "the model has no input 'c'; it has 'a' float[Nx3], 'b' float[Nx3]");
      refused(
          session,
          Map.of("a", ONES, "b", Tensor.ofFloats(Shape.of(1, 4), 1, 2, 3, 4)),
          "input 'b' wants float[Nx3], but was given float[1x4]");
      refused(
          session,
          Map.of("a", ONES, "b", Tensor.ofLongs(Shape.of(1, 3), 1, 2, 3)),
          "input 'b' wants float[Nx3], but was given int64[1x3]");
    }
  }

  @Test
  void failureInsideTheModelIsOneLineAndDoesNotSpoilTheSession() {
    try (Session session = open(Graphs.sum())) {
      Tensor two = Tensor.allocate(ElementType.FLOAT, Shape.of(2, 3));
      Tensor three = Tensor.allocate(ElementType.FLOAT, Shape.of(3, 3));
      assertThatThrownBy(() -> session.run(Map.of("a", two, "b", three)))
          .isInstanceOf(EngineException.class)
          .message()
          .startsWith("model 'small' failed: ")
          .contains("Add")
          .hasLineCount(1);
      assertThat(session.run(Map.of("a", ONES, "b", COUNT)).get("y").toFloats())
          .containsExactly(2, 3, 4);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "com.example"})
  void unknownOperatorIsNamedWithItsNode(String domain) {
    Node node =
        new Node(
            "the culprit",
            "Frobnicate",
            domain,
            List.of("x"),
            List.of("y"),
            Map.of(),
            dev.skein.graph.Opaque.NONE);
    Model plain =
        Graphs.model(
            List.of(Graphs.input("x", ElementType.FLOAT, 3)),
            List.of(Graphs.input("y", ElementType.FLOAT, 3)),
            node);
    Model model =
        new Model(plain.graph(), 8, Map.of("", 17L, "com.example", 1L), Map.of(), plain.rest());
    assertThatThrownBy(() -> open(model))
        .isInstanceOf(EngineException.class)
        .message()
        .contains("Frobnicate 'the culprit'")
        .contains("1.29.0")
        .hasLineCount(1);
  }

  @Test
  void operatorWithoutKernelForItsTypeIsNamed() {
    Model model =
        Graphs.model(
            List.of(Graphs.input("x", ElementType.INT16, 1, 1, 4, 4)),
            List.of(Value.of("y", null)),
            Node.of("GlobalAveragePool", List.of("x"), List.of("y")));
    assertThatThrownBy(() -> open(model))
        .isInstanceOf(EngineException.class)
        .message()
        .contains("GlobalAveragePool")
        .hasLineCount(1);
  }

  @Test
  void weightThatIsElsewhereIsNamed() {
    Model sum = Graphs.sum();
    String sha = "ab".repeat(32);
    Weight weight =
        new Weight.Addressed(
            dev.skein.graph.TensorType.of(ElementType.FLOAT, Shape.of(3)), Shape.of(3), sha);
    Model model = sum.with(sum.graph().withWeights(Map.of("w", weight)));
    assertThatThrownBy(() -> open(model))
        .isInstanceOf(EngineException.class)
        .hasMessage("weight 'w' is not at hand: fetch sha256 " + sha + " before opening the model");
  }

  @Test
  void textInputIsRefusedByName() {
    Model model =
        Graphs.model(
            List.of(Graphs.input("words", ElementType.STRING, 2)),
            List.of(Value.of("y", null)),
            Node.of("Identity", List.of("words"), List.of("y")));
    assertThatThrownBy(() -> open(model))
        .isInstanceOf(EngineException.class)
        .message()
        .startsWith("input 'words' holds string, which cannot be passed to ONNX Runtime")
        .hasLineCount(1);
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "FLOAT",
        "DOUBLE",
        "FLOAT16",
        "BFLOAT16",
        "BOOL",
        "INT8",
        "INT16",
        "INT32",
        "INT64",
        "UINT8",
        "UINT16",
        "UINT32",
        "UINT64"
      })
  void everyPlainElementTypeGoesInAndOutBitForBit(ElementType type) {
    Model model =
        Graphs.model(
            List.of(Graphs.input("x", type, "N")),
            List.of(Graphs.input("y", type, "N")),
            Node.of("Identity", List.of("x"), List.of("y")));
    Tensor x = Tensor.allocate(type, Shape.of(16));
    for (int i = 0; i < x.bytes(); i++) {
      int value = type == ElementType.BOOL ? i % 2 : 255 - i;
      x.data().set(java.lang.foreign.ValueLayout.JAVA_BYTE, i, (byte) value);
    }
    try (Session session = open(model)) {
      for (int run = 0; run < 3; run++) {
        Tensor y = session.run(Map.of("x", x)).get("y");
        assertThat(y.type()).isEqualTo(type);
        assertThat(y.data().mismatch(x.data())).isEqualTo(-1);
      }
      assertThat(session.inputs().getFirst().name()).isEqualTo("x");
    }
  }

  @Test
  void bigUnsignedWeightWorks() {
    Tensor table = Tensor.allocate(ElementType.UINT32, Shape.of(1000));
    for (int i = 0; i < 1000; i++) {
      table.data().setAtIndex(java.lang.foreign.ValueLayout.JAVA_INT, i, -i);
    }
    Model model =
        Graphs.model(
            List.of(Graphs.input("i", ElementType.INT64, 1)),
            List.of(Value.of("y", null)),
            Map.of("table", table),
            Node.of("Gather", List.of("table", "i"), List.of("y")));
    try (Session session = open(model)) {
      Tensor y = session.run(Map.of("i", Tensor.ofLongs(Shape.of(1), 999))).get("y");
      assertThat(y.type()).isEqualTo(ElementType.UINT32);
      assertThat(y.data().get(java.lang.foreign.ValueLayout.JAVA_INT, 0)).isEqualTo(-999);
    }
  }

  @Test
  void outputsWhoseShapeDependsOnValuesAreRight() {
    Model model =
        Graphs.model(
            List.of(Graphs.input("x", ElementType.FLOAT, 4)),
            List.of(Value.of("y", null)),
            Node.of("NonZero", List.of("x"), List.of("y")));
    try (Session session = open(model)) {
      for (int ones : new int[] {2, 2, 4, 0, 1, 3, 3, 0}) {
        float[] x = new float[4];
        java.util.Arrays.fill(x, 0, ones, 1);
        Tensor y = session.run(Map.of("x", Tensor.ofFloats(Shape.of(4), x))).get("y");
        assertThat(y.shape()).isEqualTo(Shape.of(1, ones));
        assertThat(y.data().toArray(Tensor.INT64))
            .isEqualTo(IntStream.range(0, ones).asLongStream().toArray());
      }
    }
  }

  @Test
  void outputsThatAreInputsOrWeightsAreRightInEveryRun() {
    Model model =
        Graphs.model(
            List.of(Graphs.input("x", ElementType.FLOAT, "N", 3)),
            List.of(
                Graphs.input("x", ElementType.FLOAT, "N", 3),
                Value.of("flat", null),
                Graphs.input("w", ElementType.FLOAT, 1, 3)),
            Map.of("w", COUNT),
            Node.of("Flatten", List.of("x"), List.of("flat")).with("axis", new Attribute.OfInt(0)));
    try (Session session = open(model)) {
      for (int run = 0; run < 3; run++) {
        Map<String, Tensor> result = session.run(Map.of("x", ONES));
        assertThat(result.keySet()).containsExactly("x", "flat", "w");
        assertThat(result.get("x")).isSameAs(ONES);
        assertThat(result.get("flat").toFloats()).containsExactly(1, 1, 1);
        assertThat(result.get("w").toFloats()).containsExactly(1, 2, 3);
        result.get("flat").data().fill((byte) 0);
        result.get("w").data().fill((byte) 0);
      }
      assertThat(ONES.toFloats()).containsExactly(1, 1, 1);
      assertThat(COUNT.toFloats()).containsExactly(1, 2, 3);
    }
  }

  @Test
  void graphWithoutNodesPassesItsInputsOn() {
    Value x = Graphs.input("x", ElementType.FLOAT, "N", 3);
    try (Session session = open(Graphs.model(List.of(x), List.of(x)))) {
      assertThat(session.run(Map.of("x", COUNT))).containsExactly(Map.entry("x", COUNT));
    }
  }

  @Test
  void tensorsWithoutElementsPass() {
    try (Session session = open(Graphs.sum())) {
      Tensor none = Tensor.allocate(ElementType.FLOAT, Shape.of(0, 3));
      for (int run = 0; run < 3; run++) {
        assertThat(session.run(Map.of("a", none, "b", COUNT)).get("y").shape())
            .isEqualTo(Shape.of(0, 3));
      }
    }
  }

  @Test
  void inputWithDefaultKeepsIt() {
    Model model =
        Graphs.model(
            List.of(
                Graphs.input("a", ElementType.FLOAT, 1, 3),
                Graphs.input("b", ElementType.FLOAT, 1, 3)),
            List.of(Value.of("y", null)),
            Map.of("b", COUNT),
            Node.of("Add", List.of("a", "b"), List.of("y")));
    try (Session session = open(model)) {
      assertThat(session.inputs()).extracting(Value::name).containsExactly("a");
      assertThat(session.run(Map.of("a", ONES)).get("y").toFloats()).containsExactly(2, 3, 4);
      refused(
          session,
          Map.of("a", ONES, "b", ONES),
          "the model has no input 'b'; it has 'a' float[1x3]");
    }
  }

  @Test
  void moreThreadsGiveTheSameResult() {
    Model model = Graphs.heavy(64, 4);
    Map<String, Tensor> inputs = ShapeProbe.zeros(model, Map.of());
    inputs.get("x").data().setAtIndex(Tensor.FLOAT, 70, 5f);
    try (Session session = Session.open(model, SessionOptions.defaults().withThreads(2))) {
      assertThat(session.run(inputs).get("y").toFloats()).isEqualTo(inputs.get("x").toFloats());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 100_000})
  void absurdThreadCountsAreRefused(int threads) {
    assertThatThrownBy(() -> SessionOptions.defaults().withThreads(threads))
        .isInstanceOf(EngineException.class)
        .hasMessage("threads is " + threads + ", but must be between 1 and 1024");
  }

  private static Session open(Model model) {
    return Session.open(model, SessionOptions.defaults());
  }

  private static void refused(Session session, Map<String, Tensor> inputs, String message) {
    assertThatThrownBy(() -> session.run(inputs))
        .isInstanceOf(EngineException.class)
        .hasMessage(message);
  }
}
