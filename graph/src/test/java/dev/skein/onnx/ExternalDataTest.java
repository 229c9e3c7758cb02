package dev.skein.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.skein.graph.Model;
import dev.skein.graph.Skeleton;
import dev.skein.graph.Weight;
import dev.skein.onnx.proto.GraphProto;
import dev.skein.onnx.proto.ModelProto;
import dev.skein.onnx.proto.TensorProto;
import dev.skein.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExternalDataTest {
  private static final ByteString VALUES = RichModel.floats("w", 1, 2, 3).getRawData();

  @TempDir Path root;
  private Path folder;

  @BeforeEach
  void files() throws IOException {
    folder = Files.createDirectories(root.resolve("model/parts")).getParent();
    Files.write(root.resolve("secret.bin"), VALUES.toByteArray());
    Files.write(
        folder.resolve("w.bin"), ByteString.copyFromUtf8("pad!").concat(VALUES).toByteArray());
    Files.write(folder.resolve("parts/w.bin"), VALUES.toByteArray());
    Files.createSymbolicLink(folder.resolve("way-out"), root.resolve("secret.bin"));
  }

  @Test
  void valuesAreTakenFromTheOtherFileAndWrittenInside() throws IOException {
    Path file = model(Map.of("location", "w.bin", "offset", "4", "length", "12"));
    Model model = OnnxReader.read(file);
    assertThat(floats(model)).containsExactly(1, 2, 3);
    assertThat(floats(OnnxReader.read(OnnxWriter.toBytes(model)))).containsExactly(1, 2, 3);
  }

  @Test
  void offsetAndLengthMayBeLeftOut() throws IOException {
    assertThat(floats(OnnxReader.read(model(Map.of("location", "parts/w.bin")))))
        .containsExactly(1, 2, 3);
  }

  @ParameterizedTest
  @CsvSource({
    "../secret.bin, , , leads out of the model's folder",
    "parts/../../secret.bin, , , leads out of the model's folder",
    "way-out, , , leads out of the model's folder",
    "/etc/passwd, , , leads out of the model's folder",
    "none.bin, , , is missing beside the model",
    "parts, , , cannot read its external data",
    "'', , , names no location",
    "w.bin, 8, , 'has 16 bytes, too few for 12 at offset 8'",
    "w.bin, 9223372036854775807, , too few for 12",
    "w.bin, -4, , has the offset '-4'",
    "w.bin, 4x, , has the offset '4x'",
    "w.bin, 0, 16, 'needs 12 bytes, its external data has 16'",
    "sha256:12ab, , , content address is malformed",
  })
  void whatIsOutOfReachIsRefused(String location, String offset, String length, String why)
      throws IOException {
    Map<String, String> where = new java.util.HashMap<>(Map.of("location", location));
    if (offset != null) {
      where.put("offset", offset);
    }
    if (length != null) {
      where.put("length", length);
    }
    Path file = model(where);
    assertThatThrownBy(() -> OnnxReader.read(file))
        .isInstanceOf(OnnxException.class)
        .hasMessageStartingWith("m.onnx: weight 'w': ")
        .hasMessageContaining(why);
  }

  @Test
  void modelGivenAsBytesBringsNoOtherFiles() throws IOException {
    byte[] bytes = Files.readAllBytes(model(Map.of("location", "w.bin")));
    assertThatThrownBy(() -> OnnxReader.read(bytes))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("'w.bin'")
        .hasMessageContaining("given as bytes");
  }

  @Test
  void contentAddressesComeBackAndBind() throws IOException {
    Model model = OnnxReader.read(model(Map.of("location", "parts/w.bin")));
    Skeleton.Split split = Skeleton.of(model, 1);
    Model again = OnnxReader.read(OnnxWriter.toBytes(split.skeleton()));
    assertThat(again).isEqualTo(split.skeleton());
    assertThat(again.graph().weights().get("w")).isInstanceOf(Weight.Addressed.class);
    assertThat(floats(Skeleton.bind(again, at -> split.blobs().get(at.sha256()))))
        .containsExactly(1, 2, 3);
  }

  private static float[] floats(Model model) {
    Tensor tensor = ((Weight.Held) model.graph().weights().get("w")).tensor();
    return tensor.toFloats();
  }

  private Path model(Map<String, String> where) throws IOException {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName("w")
            .setDataType(1)
            .addDims(3)
            .setDataLocation(TensorProto.DataLocation.EXTERNAL);
    where.forEach((key, value) -> tensor.addExternalData(RichModel.entry(key, value)));
    GraphProto graph =
        GraphProto.newBuilder().addInitializer(tensor).addOutput(RichModel.value("w", 1)).build();
    ModelProto model =
        ModelProto.newBuilder()
            .setIrVersion(8)
            .addOpsetImport(RichModel.opset("", 13))
            .setGraph(graph)
            .build();
    return Files.write(folder.resolve("m.onnx"), model.toByteArray());
  }
}
