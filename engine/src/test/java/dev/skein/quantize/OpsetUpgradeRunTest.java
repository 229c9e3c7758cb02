package dev.skein.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.graph.Model;
import dev.skein.slice.Nets;
import dev.skein.tensor.Difference;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpsetUpgradeRunTest {
  @ParameterizedTest
  @CsvSource({
    "nearest, 2, 3",
    "nearest, 1, 1.5",
    "nearest, 1.3, 2.7",
    "linear, 2, 1.5",
    "linear, 0.5, 0.6",
    "linear, 0.4, 2.5"
  })
  void resizedMapsStayTheSame(String mode, float height, float width) {
    Model model =
        new Nets(10)
            .batch("x", 3, 10, 9)
            .weight("scales", Tensor.ofFloats(Shape.of(4), 1, 1, height, width))
            .node("Resize", "x,scales", "y", "mode", mode)
            .model("y");
    Map<String, Tensor> inputs = Nets.noise(model, 2);
    assertThat(Difference.of(Nets.run(model, inputs), Nets.run(OpsetUpgrade.apply(model), inputs)))
        .isLessThanOrEqualTo(Difference.TOLERANCE);
  }
}
