package dev.skein.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.tensor.Tensor;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OptimisedModelTest {
  @ParameterizedTest
  @EnumSource(Optimization.class)
  void runsAsWrittenLikeTheOriginalAtThatLevel(Optimization level) {
    Model model = RealModels.read("tiny_cifar10_resnet8.onnx");
    Model optimised = OptimisedModel.of(model, level);
    assertThat(optimised.graph().nodes().size()).isLessThanOrEqualTo(model.graph().nodes().size());
    Map<String, Tensor> inputs = RealModels.inputs(model, 3);
    assertThat(run(optimised, inputs, Optimization.NONE)).isEqualTo(run(model, inputs, level));
  }

  @Test
  void fusesWhatOnnxRuntimeFuses() {
    Model model = RealModels.read("tiny_cifar10_resnet8.onnx");
    assertThat(OptimisedModel.of(model, Optimization.EXTENDED).graph().nodes())
        .extracting(Node::op)
        .contains("FusedConv")
        .hasSizeLessThan(model.graph().nodes().size());
  }

  private static float[] run(Model model, Map<String, Tensor> inputs, Optimization level) {
    try (Session session = Session.open(model, SessionOptions.defaults().with(level))) {
      return session.run(inputs).values().iterator().next().toFloats();
    }
  }
}
