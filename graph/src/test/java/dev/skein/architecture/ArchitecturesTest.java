package dev.skein.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.TestModels;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Verifier;
import dev.skein.graph.Weight;
import dev.skein.onnx.OnnxReader;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArchitecturesTest {
  /**
   * Counts as torchvision gives them, and at 32 pixels as the usual implementations for CIFAR do.
   */
  @ParameterizedTest
  @CsvSource({
    "random:resnet18@224, 11689512",
    "random:resnet34@224, 21797672",
    "random:resnet50@224, 25557032",
    "random:vgg16@224, 138365992",
    "random:mobilenetv2@224, 3504872",
    "random:resnet18@32, 11173962",
    "random:resnet34@32, 21282122",
    "random:resnet50@32, 23520842",
    "random:vgg16@32, 14990922",
    "random:mobilenetv2@32, 2296922",
  })
  void hasThePublishedNumberOfParameters(String request, long published) {
    Model model = Architectures.parse(request).orElseThrow();
    assertThat(parameters(model.graph())).isEqualTo(published);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mobilenetv2", "resnet18", "resnet34", "resnet50", "vgg16"})
  void isAnOrdinaryModel(String name) {
    Model model = Architectures.model(name, 40, 7, 3);
    Graph graph = model.graph();
    Verifier.verify(graph);
    assertThat(model.opsets()).containsEntry("", 17L);
    assertThat(model.metadata()).containsEntry(Architectures.WEIGHTS_KEY, "random");
    assertThat(graph.inputs()).hasSize(1);
    assertThat(graph.inputs().getFirst().type()).hasToString("float[Nx3x40x40]");
    assertThat(graph.outputs().getFirst().type()).hasToString("float[Nx7]");
    assertThat(graph.nodes()).anyMatch(node -> node.op().equals("BatchNormalization"));
    Set<String> names = new HashSet<>();
    for (Node node : graph.nodes()) {
      assertThat(names.add(node.name())).as(node.label()).isTrue();
      node.makes().forEach(value -> assertThat(graph.declared(value)).as(value).isNotNull());
    }
  }

  @Test
  void theSmallMobileNetIsTheOneThatWasTrained() {
    Graph trained = OnnxReader.read(TestModels.file("mobilenetv2_cifar10.onnx")).graph();
    Graph built = Architectures.model("mobilenetv2", 32, 10, 1).graph();
    assertThat(convolutions(built)).isEqualTo(convolutions(trained));
  }

  private static List<String> convolutions(Graph graph) {
    return graph.nodes().stream()
        .filter(node -> node.op().equals("Conv"))
        .map(node ->
            graph.weights().get(node.inputs().get(1)).type()
                + " strides "
                + node.attributes().get("strides"))
        .sorted()
        .toList();
  }

  @Test
  void equalSeedsGiveEqualWeights() {
    Graph one = Architectures.model("mobilenetv2", 32, 10, 5).graph();
    Graph same = Architectures.model("mobilenetv2", 32, 10, 5).graph();
    Graph other = Architectures.model("mobilenetv2", 32, 10, 6).graph();
    one.weights()
        .forEach((name, weight) -> {
          assertThat(mismatch(weight, same.weights().get(name))).as(name).isEqualTo(-1);
          if (weight.bytes() > 4) {
            assertThat(mismatch(weight, other.weights().get(name))).as(name).isNotEqualTo(-1);
          }
        });
  }

  @Test
  void weightsAreNormalWithHesVariance() {
    Tensor tensor = new Gaussians(9).normal(Shape.of(1_000_000), 0.5);
    double sum = 0;
    double squares = 0;
    double fourth = 0;
    for (float value : tensor.toFloats()) {
      sum += value;
      squares += value * value;
      fourth += Math.pow(value, 4);
    }
    double variance = squares / 1e6;
    assertThat(sum / 1e6).isBetween(-0.002, 0.002);
    assertThat(variance).isBetween(0.249, 0.251);
    assertThat(fourth / 1e6 / (variance * variance)).as("kurtosis").isBetween(2.9, 3.1);
    Weight first =
        Architectures.model("resnet18", 32, 10, 1).graph().weights().get("layer1.0.conv1.weight");
    double mean = 0;
    for (float value : ((Weight.Held) first).tensor().toFloats()) {
      mean += value * value / (64.0 * 64 * 9);
    }
    assertThat(mean).isBetween(2 / 576.0 * 0.97, 2 / 576.0 * 1.03);
  }

  @Test
  void leavesOtherTextAlone() {
    assertThat(Architectures.parse("model.onnx")).isEmpty();
    assertThat(Architectures.parse("randomly/named.onnx")).isEmpty();
  }

  @Test
  void takesASeed() {
    Graph graph = Architectures.parse("random:mobilenetv2@32#5").orElseThrow().graph();
    Graph same = Architectures.model("mobilenetv2", 32, 10, 5).graph();
    assertThat(
            mismatch(
                graph.weights().get("stem.conv.weight"), same.weights().get("stem.conv.weight")))
        .isEqualTo(-1);
  }

  @Test
  void refusesWhatItCannotBuild() {
    for (String text :
        List.of(
            "random:",
            "random:resnet18",
            "random:resnet18@",
            "random:resnet18@224#",
            "random:resnet18@-1")) {
      assertThatThrownBy(() -> Architectures.parse(text))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll(text, "random:resnet18@224");
    }
    assertThatThrownBy(() -> Architectures.parse("random:alexnet@224"))
        .hasMessageContainingAll("alexnet", "mobilenetv2, resnet18, resnet34, resnet50, vgg16");
    assertThatThrownBy(() -> Architectures.parse("random:resnet18@31")).hasMessageContaining("31");
    assertThatThrownBy(() -> Architectures.parse("random:resnet18@999999999"))
        .hasMessageContaining("999999999");
    assertThatThrownBy(() -> Architectures.model("resnet18", 32, 0, 1)).hasMessageContaining("0");
  }

  private static long parameters(Graph graph) {
    Set<String> statistics = new HashSet<>();
    for (Node node : graph.nodes()) {
      if (node.op().equals("BatchNormalization")) {
        statistics.addAll(node.inputs().subList(3, 5));
      }
    }
    return graph.weights().entrySet().stream()
        .filter(entry -> !statistics.contains(entry.getKey()))
        .map(entry -> ((Weight.Held) entry.getValue()).tensor())
        .filter(tensor -> tensor.type() == ElementType.FLOAT && tensor.shape().rank() > 0)
        .mapToLong(tensor -> tensor.shape().elements())
        .sum();
  }

  private static long mismatch(Weight one, Weight other) {
    return ((Weight.Held) one).tensor().data().mismatch(((Weight.Held) other).tensor().data());
  }
}
