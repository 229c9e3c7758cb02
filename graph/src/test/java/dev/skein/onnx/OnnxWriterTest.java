package dev.skein.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.TestModels;
import dev.skein.graph.Model;
import dev.skein.graph.Skeleton;
import dev.skein.graph.Weight;
import dev.skein.onnx.proto.ModelProto;
import dev.skein.onnx.proto.TensorProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxWriterTest {
  @TempDir Path folder;

  private final Model model = OnnxReader.read(TestModels.file("cifar10_resnet20.onnx"));

  @Test
  void fileMayBeWrittenOverItself() throws IOException {
    Path file = folder.resolve("m.onnx");
    OnnxWriter.write(model, file);
    byte[] before = Files.readAllBytes(file);
    OnnxWriter.write(OnnxReader.read(file), file);
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    assertThat(files()).containsExactly("m.onnx");
  }

  @Test
  void failureLeavesNothingBehind() throws IOException {
    Path target = Files.createDirectories(folder.resolve("m.onnx/full"));
    assertThatThrownBy(() -> OnnxWriter.write(model, target.getParent()))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("m.onnx")
        .hasMessageContaining("cannot be written");
    assertThat(files()).containsExactly("m.onnx");
    assertThatThrownBy(() -> OnnxWriter.write(model, folder.resolve("none/m.onnx")))
        .isInstanceOf(OnnxException.class);
  }

  @Test
  void modelTooLargeForOneFileHasItsWeightsBesideIt() throws IOException {
    Path file = folder.resolve("large.onnx");
    OnnxWriter.write(model, file, 200_000);
    assertThat(files()).containsExactly("large.onnx", "large.onnx.data");
    assertThat(Files.size(file)).isLessThan(200_000);
    assertThat(Skeleton.of(OnnxReader.read(file), 0).skeleton())
        .isEqualTo(Skeleton.of(model, 0).skeleton());
    assertThatThrownBy(() -> OnnxWriter.write(model, file, 1000))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("bytes, above");
  }

  @Test
  void detachedWeightsAreNamedAndReplacedByPlaceholders() throws IOException {
    OnnxWriter.Detached detached = OnnxWriter.detach(model, 4096);
    List<String> large =
        model.graph().weights().entrySet().stream()
            .filter(weight -> weight.getValue().bytes() >= 4096)
            .map(java.util.Map.Entry::getKey)
            .toList();
    assertThat(detached.weights().keySet()).containsExactlyElementsOf(large);
    detached
        .weights()
        .forEach((name, tensor) ->
            assertThat(new Weight.Held(tensor)).isEqualTo(model.graph().weights().get(name)));
    ModelProto proto = ModelProto.parseFrom(detached.model());
    List<TensorProto> external =
        proto.getGraph().getInitializerList().stream()
            .filter(TensorProto::hasDataLocation)
            .toList();
    assertThat(external).extracting(TensorProto::getName).containsExactlyElementsOf(large);
    assertThat(external).noneMatch(TensorProto::hasRawData);
    assertThat(proto.getGraph().getNodeCount()).isEqualTo(model.graph().nodes().size());
    assertThat(detached.model().length).isLessThan(200_000);
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
