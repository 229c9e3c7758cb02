package dev.skein.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.TestModels;
import dev.skein.onnx.OnnxReader;
import dev.skein.onnx.OnnxWriter;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SkeletonTest {
  @Test
  void largeWeightsLeaveAndComeBack() {
    Model model = OnnxReader.read(TestModels.file("cifar10_resnet20.onnx"));
    Skeleton.Split split = Skeleton.of(model, 1024);
    assertThat(OnnxWriter.toBytes(split.skeleton()).length).isLessThan(60_000);
    assertThat(split.blobs().values()).allMatch(tensor -> tensor.bytes() >= 1024);
    Model bound = Skeleton.bind(split.skeleton(), at -> split.blobs().get(at.sha256()));
    assertThat(OnnxWriter.toBytes(bound)).isEqualTo(OnnxWriter.toBytes(model));
    assertThat(Skeleton.addresses(split.skeleton()))
        .extracting(Weight.Addressed::sha256)
        .containsExactlyElementsOf(split.blobs().keySet());
    assertThat(Skeleton.addresses(model)).isEmpty();
  }

  @Test
  void addressIsTheHashOfTheBytes() throws Exception {
    Graph graph = new Sketch().weight("w", 1, 2, 3).out("w").graph();
    Tensor tensor = ((Weight.Held) graph.weights().get("w")).tensor();
    byte[] digest =
        MessageDigest.getInstance("SHA-256").digest(tensor.data().toArray(ValueLayout.JAVA_BYTE));
    assertThat(Skeleton.of(model(graph), 1).blobs())
        .containsOnlyKeys(HexFormat.of().formatHex(digest));
  }

  @Test
  void weightsOfEqualBytesShareOneBlobButKeepTheirShapes() {
    Graph graph = new Sketch().weight("flat", 0, 0, 0, 0).weight("w", 5).out("flat").graph();
    Weight square = new Weight.Held(Tensor.ofLongs(Shape.of(1, 2), 0, 0));
    Graph both = new Patch().weight("square", square).apply(graph);
    Skeleton.Split split = Skeleton.of(model(both), 8);
    assertThat(split.blobs()).hasSize(1);
    Graph bound = Skeleton.bind(split.skeleton(), at -> split.blobs().get(at.sha256())).graph();
    both.weights()
        .forEach((name, weight) ->
            assertThat(bound.weights().get(name).type()).isEqualTo(weight.type()));
  }

  @Test
  void weightsInAttributesAndBodiesAreFound() {
    Node constant =
        Node.of("Constant", java.util.List.of(), java.util.List.of("k"))
            .with(
                "value", new Attribute.OfTensor(new Weight.Held(Tensor.ofFloats(Shape.of(1), 7))));
    Graph body =
        new Sketch().weight("w", 1, 2).out("k").graph().withNodes(java.util.List.of(constant));
    Graph graph = new Sketch().in("x").node("y = If(x)", "then_branch", body).out("y").graph();
    Skeleton.Split split = Skeleton.of(model(graph), 1);
    assertThat(split.blobs()).hasSize(2);
    assertThat(Skeleton.bind(split.skeleton(), at -> split.blobs().get(at.sha256())))
        .isEqualTo(model(graph));
  }

  @Test
  void blobOfAnotherSizeIsRefused() {
    Skeleton.Split split = Skeleton.of(model(new Sketch().weight("w", 1, 2).out("w").graph()), 1);
    assertThatThrownBy(() -> Skeleton.bind(split.skeleton(), at -> Tensor.ofFloats(Shape.of(1), 1)))
        .isInstanceOf(GraphException.class)
        .hasMessageContaining("needs 8 bytes, its source gave 4");
  }

  private static Model model(Graph graph) {
    return new Model(graph, 8, Map.of("", 17L), Map.of(), Opaque.NONE);
  }
}
