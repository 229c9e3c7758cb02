package dev.skein.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.TestModels;
import dev.skein.graph.Model;
import dev.skein.graph.Skeleton;
import dev.skein.onnx.proto.ModelProto;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RoundTripTest {
  @TempDir Path folder;

  static List<Path> models() {
    return TestModels.all();
  }

  @ParameterizedTest
  @MethodSource("models")
  void realModelComesBackWhole(Path file) throws Exception {
    Model model = OnnxReader.read(file);
    Path copy = folder.resolve("copy.onnx");
    OnnxWriter.write(model, copy);

    Model again = OnnxReader.read(copy);
    assertThat(content(again)).isEqualTo(content(model));
    assertThat(OnnxWriter.toBytes(again)).isEqualTo(Files.readAllBytes(copy));
    assertThat(ModelProto.parseFrom(Files.readAllBytes(copy)))
        .isEqualTo(Canonical.of(ModelProto.parseFrom(Files.readAllBytes(file))));
  }

  @Test
  void everyKindOfAttributeAndUnknownFieldComesBack() throws Exception {
    ModelProto rich = RichModel.build();
    ModelProto again =
        ModelProto.parseFrom(OnnxWriter.toBytes(OnnxReader.read(rich.toByteArray())));
    assertThat(again).isEqualTo(rich);
  }

  @Test
  void modelFromBytesEqualsModelFromFile() throws Exception {
    Path file = TestModels.file("tiny_kws_dscnn.onnx");
    assertThat(content(OnnxReader.read(Files.readAllBytes(file))))
        .isEqualTo(content(OnnxReader.read(file)));
  }

  @Test
  void weightsAreViewsOfTheFile() {
    Model model = OnnxReader.read(TestModels.file("mobilenetv2_1.0_224.onnx"));
    assertThat(model.graph().weights().values())
        .allSatisfy(weight ->
            assertThat(((dev.skein.graph.Weight.Held) weight).tensor().data())
                .matches(data -> data.isNative() && data.isReadOnly() && data.isMapped()));
  }

  /** With weights known by content, so that equal models are equal records. */
  private static Model content(Model model) {
    return Skeleton.of(model, 0).skeleton();
  }
}
