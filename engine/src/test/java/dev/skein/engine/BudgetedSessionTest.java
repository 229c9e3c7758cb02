package dev.skein.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.architecture.Architectures;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.onnx.OnnxReader;
import dev.skein.onnx.OnnxWriter;
import dev.skein.tensor.Difference;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import dev.skein.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetedSessionTest {
  private static final SessionOptions OPTIONS = SessionOptions.defaults();

  static Stream<String> models() {
    return RealModels.names();
  }

  @ParameterizedTest
  @MethodSource("models")
  void everyModelGivesTheSameInTheLeastMemory(String name) {
    Model model = RealModels.read(name);
    Map<String, Tensor> inputs = RealModels.inputs(model, 5);
    Map<String, Tensor> others = RealModels.inputs(model, 6);
    long least = BudgetedSession.least(model, specs(inputs), OPTIONS);
    try (Session plain = Session.open(model, OPTIONS);
        BudgetedSession budgeted = BudgetedSession.open(model, least, specs(inputs), OPTIONS)) {
      for (Map<String, Tensor> given : List.of(inputs, others, inputs)) {
        assertThat(Difference.of(plain.run(given), budgeted.run(given)))
            .isLessThanOrEqualTo(Difference.TOLERANCE);
      }
      assertThat(budgeted.plannedBytes()).isLessThanOrEqualTo(least);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.3, 0.7, 2})
  void moreMemoryMeansLessReading(double more) {
    Model model = Architectures.model("resnet18", 32, 10, 7);
    Map<String, Tensor> inputs = RealModels.inputs(model, 5);
    long least = BudgetedSession.least(model, specs(inputs), OPTIONS);
    long budget = least + (long) (more * BudgetSearch.weightBytes(model));
    try (Session plain = Session.open(model, OPTIONS);
        BudgetedSession budgeted = BudgetedSession.open(model, budget, specs(inputs), OPTIONS)) {
      assertThat(Difference.of(plain.run(inputs), budgeted.run(inputs)))
          .isLessThanOrEqualTo(Difference.TOLERANCE);
      long weights = BudgetSearch.weightBytes(model);
      assertThat((double) budgeted.reloadedBytes())
          .isLessThanOrEqualTo(Math.max(0, 1.1 - more) * weights);
      assertThat(budgeted.segments().stream().mapToLong(BudgetedSession.Part::weightBytes).sum())
          .isGreaterThan(weights * 9 / 10);
    }
  }

  @Test
  void takesNoMoreMemoryThanItsBudget() {
    Model model = onDisk(Architectures.model("resnet18", 64, 10, 7));
    Map<String, Tensor> inputs = RealModels.inputs(model, 5);
    long weights = BudgetSearch.weightBytes(model);
    try (BudgetedSession warm = BudgetedSession.open(model, weights, specs(inputs), OPTIONS)) {
      warm.warmUp(inputs, 3);
    }
    long least = BudgetedSession.least(model, specs(inputs), OPTIONS);
    assertThat(least).isLessThan(weights / 3);
    try (BudgetedSession budgeted = BudgetedSession.open(model, least, specs(inputs), OPTIONS)) {
      long before = ResidentMemory.now().file();
      budgeted.warmUp(inputs, 5);
      // The weights have all been read, and none of them is still there.
      assertThat(ResidentMemory.now().file() - before).isLessThan(weights / 4);
      assertThat(budgeted.reloadedBytes()).isGreaterThan(weights * 9 / 10);
    }
  }

  @Test
  void refusesABudgetThatIsTooSmallAndNamesOneThatIsNot() {
    Model model = Architectures.model("resnet18", 32, 10, 7);
    Map<String, TensorSpec> specs = specs(RealModels.inputs(model, 5));
    long least = BudgetedSession.least(model, specs, OPTIONS);
    long tooLittle = least / 2;
    assertThatThrownBy(() -> BudgetedSession.open(model, tooLittle, specs, OPTIONS))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining(Long.toString(tooLittle))
        .hasMessageContaining(Long.toString(least))
        .hasMessageNotContaining("\n");
  }

  @Test
  void passesInputsAndConstantsThroughAsOutputs() {
    Model model =
        Graphs.model(
            List.of(Graphs.input("x", ElementType.FLOAT, 1, 3)),
            List.of(
                Graphs.input("x", ElementType.FLOAT, 1, 3),
                Graphs.input("y", ElementType.FLOAT, 1, 3),
                Graphs.input("z", ElementType.FLOAT, 1, 3)),
            Map.of("w", Tensor.ofFloats(Shape.of(1, 3), 1, 2, 3)),
            Node.of("Identity", List.of("w"), List.of("z")),
            Node.of("Add", List.of("x", "w"), List.of("y")));
    Map<String, Tensor> x = Map.of("x", Tensor.ofFloats(Shape.of(1, 3), 4, 5, 6));
    try (BudgetedSession session = BudgetedSession.open(model, 1 << 20, specs(x), OPTIONS)) {
      Map<String, Tensor> outputs = session.run(x);
      assertThat(outputs.keySet()).containsExactly("x", "y", "z");
      assertThat(outputs.get("x").toFloats()).containsExactly(4, 5, 6);
      assertThat(outputs.get("y").toFloats()).containsExactly(5, 7, 9);
      assertThat(outputs.get("z").toFloats()).containsExactly(1, 2, 3);
    }
  }

  @Test
  void wantsTheShapesThatItWasPlannedFor() {
    Map<String, Tensor> given =
        Map.of(
            "a", Tensor.ofFloats(Shape.of(2, 3), new float[6]),
            "b", Tensor.ofFloats(Shape.of(2, 3), new float[6]));
    Map<String, Tensor> others =
        Map.of(
            "a", Tensor.ofFloats(Shape.of(1, 3), new float[3]),
            "b", Tensor.ofFloats(Shape.of(1, 3), new float[3]));
    BudgetedSession session = BudgetedSession.open(Graphs.sum(), 1 << 20, specs(given), OPTIONS);
    assertThat(session.run(given)).containsKey("y");
    assertThatThrownBy(() -> session.run(others))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("'a'");
    session.close();
    session.close();
    assertThatThrownBy(() -> session.run(given))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void leavesNoFiles() throws IOException {
    Model model = Architectures.model("resnet18", 32, 10, 7);
    Map<String, TensorSpec> specs = specs(RealModels.inputs(model, 5));
    Set<Path> before = files();
    assertThatThrownBy(() -> BudgetedSession.open(model, 1000, specs, OPTIONS))
        .isInstanceOf(EngineException.class);
    BudgetedSession.open(model, 1L << 30, specs, OPTIONS).close();
    assertThat(files()).isSubsetOf(before);
  }

  private static Set<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(BudgetedSession.PREFIX))
          .collect(Collectors.toSet());
    }
  }

  private static Model onDisk(Model model) {
    try (TemporaryFolder folder = TemporaryFolder.create("skein-test", 0)) {
      Path file = folder.path().resolve("model.onnx");
      OnnxWriter.write(model, file);
      return OnnxReader.read(file);
    }
  }

  static Map<String, TensorSpec> specs(Map<String, Tensor> inputs) {
    Map<String, TensorSpec> specs = new LinkedHashMap<>();
    inputs.forEach((name, tensor) -> specs.put(name, TensorSpec.of(tensor)));
    return specs;
  }
}
