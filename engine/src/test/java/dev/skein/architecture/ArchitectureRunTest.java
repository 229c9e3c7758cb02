package dev.skein.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.engine.Session;
import dev.skein.engine.SessionOptions;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Value;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchitectureRunTest {
  @ParameterizedTest
  @ValueSource(strings = {"mobilenetv2", "resnet18", "resnet34", "resnet50", "vgg16"})
  void activationsNeitherVanishNorExplode(String name) {
    Model model = Architectures.model(name, 32, 10, 1);
    Graph graph = model.graph();
    List<Value> outputs = new ArrayList<>(graph.outputs());
    outputs.addAll(graph.annotations());
    Graph open =
        new Graph(
            graph.name(),
            graph.inputs(),
            outputs,
            graph.nodes(),
            graph.weights(),
            List.of(),
            graph.rest());
    try (Session session = Session.open(model.with(open), SessionOptions.defaults())) {
      Map<String, Tensor> values = session.run(Map.of("input", picture(1, 2)));
      values.forEach((value, tensor) -> {
        double power = 0;
        for (float one : tensor.toFloats()) {
          power += (double) one * one / tensor.shape().elements();
        }
        assertThat(Math.sqrt(power)).as(value).isBetween(0.05, 20.0);
      });
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "random:mobilenetv2@32",
        "random:resnet18@32",
        "random:vgg16@32",
        "random:mobilenetv2@96",
        "random:resnet50@64"
      })
  void theAnswerDependsOnThePicture(String request) {
    Model model = Architectures.parse(request).orElseThrow();
    long size = Long.parseLong(request.substring(request.indexOf('@') + 1));
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      float[] one = logits(session, size, 3);
      float[] other = logits(session, size, 4);
      double range = 0;
      double change = 0;
      for (int i = 0; i < one.length; i++) {
        range = Math.max(range, Math.abs(one[i]));
        change = Math.max(change, Math.abs(one[i] - other[i]));
      }
      assertThat(change / range).isGreaterThan(0.05);
    }
  }

  private static float[] logits(Session session, long size, long seed) {
    return session.run(Map.of("input", picture(size / 32, seed))).get("logits").toFloats();
  }

  private static Tensor picture(long scale, long seed) {
    Random random = new Random(seed);
    long size = 32 * scale;
    Tensor tensor = Tensor.allocate(ElementType.FLOAT, Shape.of(1, 3, size, size));
    for (long i = 0; i < tensor.shape().elements(); i++) {
      tensor.data().setAtIndex(Tensor.FLOAT, i, (float) random.nextGaussian());
    }
    return tensor;
  }
}
