package dev.skein.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.skein.architecture.Architectures;
import dev.skein.graph.Graph;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArchitectureCostsTest {
  /** In billions, as the papers and torchvision state them for one picture. */
  @ParameterizedTest
  @CsvSource({
    "random:resnet18@224, 1.82",
    "random:resnet34@224, 3.67",
    "random:resnet50@224, 4.1",
    "random:vgg16@224, 15.5",
    "random:mobilenetv2@224, 0.30",
    "random:resnet18@32, 0.556",
    "random:resnet50@32, 1.298",
    "random:vgg16@32, 0.3135",
  })
  void takesThePublishedMultiplications(String request, double billions) {
    Graph graph = Architectures.parse(request).orElseThrow().graph();
    List<OperatorCost> costs = GraphCosts.operators(graph, DeclaredSpecs.of(graph, 1));
    long sum = costs.stream().mapToLong(OperatorCost::macs).sum();
    assertThat(sum / 1e9).isCloseTo(billions, withinPercentage(0.6));
    // No weight is shared.
    assertThat(costs.stream().mapToLong(OperatorCost::parameters).sum())
        .isEqualTo(GraphCosts.parameters(graph));
  }

  @ParameterizedTest
  @CsvSource({"resnet18, 11689512", "resnet50, 25557032", "mobilenetv2, 3504872"})
  void hasThePublishedParameters(String name, long published) {
    Graph graph = Architectures.model(name, 224, 1000, 1).graph();
    assertThat(GraphCosts.parameters(graph)).isEqualTo(published);
  }
}
