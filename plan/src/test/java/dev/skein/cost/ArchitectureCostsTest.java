package dev.skein.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.skein.architecture.Architectures;
import dev.skein.graph.Graph;
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
    Macs macs = new Macs(new Shapes(DeclaredSpecs.of(graph, 1), graph));
    long sum = graph.nodes().stream().mapToLong(macs::of).sum();
    assertThat(sum / 1e9).isCloseTo(billions, withinPercentage(0.6));
  }
}
