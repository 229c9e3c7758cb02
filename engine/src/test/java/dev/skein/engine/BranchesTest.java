package dev.skein.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.graph.Branch;
import dev.skein.graph.Branches;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.tensor.Difference;
import dev.skein.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BranchesTest {
  /** Branch after branch gives what the model gives. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "squeezenet1.1.onnx",
        "shufflenet_v2_x1.0.onnx",
        "FastestDet.onnx",
        "cifar10_resnet20.onnx"
      })
  void branchesRunOneAfterAnother(String name) {
    Model model = ShapeProbe.annotate(RealModels.read(name));
    Map<String, Tensor> inputs = RealModels.inputs(model, 3);
    Map<String, Tensor> values = new HashMap<>(inputs);
    List<Branch> branches = Branches.of(model.graph());
    List<Graph> parts = Branches.extract(model.graph(), branches);
    for (Branch branch : branches) {
      Map<String, Tensor> given = new HashMap<>();
      branch.inputs().forEach(value -> given.put(value, values.get(value)));
      try (Session session =
          Session.open(model.with(parts.get(branch.id())), SessionOptions.defaults())) {
        values.putAll(session.run(given));
      }
    }
    try (Session whole = Session.open(model, SessionOptions.defaults())) {
      Map<String, Tensor> expected = whole.run(inputs);
      values.keySet().retainAll(expected.keySet());
      assertThat(Difference.of(expected, values)).isLessThanOrEqualTo(Difference.TOLERANCE);
    }
  }
}
