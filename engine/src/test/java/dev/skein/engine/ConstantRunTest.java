package dev.skein.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.graph.Attribute;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Value;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConstantRunTest {
  private static final Tensor WEIGHT = Tensor.ofFloats(Shape.of(2, 2), 1, 2, 3, 4);

  @Test
  void evaluatesEveryOutput() {
    Model model =
        Graphs.model(
            List.of(),
            List.of(Value.of("t", null), Value.of("s", null)),
            Map.of("w", WEIGHT),
            Node.of("Transpose", List.of("w"), List.of("t")),
            Node.of("Shape", List.of("w"), List.of("s")));
    Map<String, Tensor> outputs = ConstantRun.outputs(model);
    assertThat(outputs.keySet()).containsExactly("t", "s");
    assertThat(outputs.get("t").toFloats()).containsExactly(1, 3, 2, 4);
    assertThat(outputs.get("s").data().toArray(Tensor.INT64)).containsExactly(2, 2);
  }

  @Test
  void leavesOutTextAndSequences() {
    Model model =
        Graphs.model(
            List.of(),
            List.of(Value.of("text", null), Value.of("list", null), Value.of("n", null)),
            Map.of("w", WEIGHT),
            Node.of("Cast", List.of("w"), List.of("text"))
                .with("to", new Attribute.OfInt(ElementType.STRING.code())),
            Node.of("SequenceConstruct", List.of("w"), List.of("list")),
            Node.of("Neg", List.of("w"), List.of("n")));
    assertThat(ConstantRun.outputs(model)).containsOnlyKeys("n");
  }

  @Test
  void refusesAModelThatWantsInputs() {
    assertThatThrownBy(() -> ConstantRun.outputs(Graphs.sum()))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("'a'");
  }
}
