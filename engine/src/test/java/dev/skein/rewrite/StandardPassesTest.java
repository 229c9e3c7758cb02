package dev.skein.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.engine.RealModels;
import dev.skein.graph.Model;
import dev.skein.onnx.OnnxReader;
import dev.skein.onnx.OnnxWriter;
import dev.skein.tensor.Difference;
import dev.skein.tensor.Tensor;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StandardPassesTest {
  @ParameterizedTest
  @MethodSource("dev.skein.engine.RealModels#names")
  void standardPassesLeaveOutputsEqual(String name) {
    Model model = RealModels.read(name);
    Model rewritten = Running.rewritten(model).model();
    Map<String, Tensor> inputs = RealModels.inputs(model, 1);
    Map<String, Tensor> expected = Running.run(model, inputs);
    assertThat(Running.difference(expected, Running.run(rewritten, inputs)))
        .isLessThanOrEqualTo(Difference.TOLERANCE);
    Model written = OnnxReader.read(OnnxWriter.toBytes(rewritten));
    assertThat(Running.difference(expected, Running.run(written, inputs)))
        .isLessThanOrEqualTo(Difference.TOLERANCE);
  }
}
