package dev.skein.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.TestModels;
import dev.skein.graph.Model;
import dev.skein.onnx.proto.ModelProto;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
  void writesWhatItRead(Path file) throws Exception {
    Model model = OnnxReader.read(file);
    Path copy = folder.resolve("copy.onnx");
    OnnxWriter.write(model, copy);
    byte[] first = Files.readAllBytes(copy);
    assertThat(OnnxWriter.toBytes(OnnxReader.read(copy))).isEqualTo(first);
    ModelProto original = ModelProto.parseFrom(Files.readAllBytes(file));
    ModelProto again = ModelProto.parseFrom(first);
    System.out.println(
        file.getFileName()
            + " "
            + Files.size(file)
            + " "
            + first.length
            + " "
            + original.equals(again)
            + " "
            + model.opsets()
            + " "
            + model.irVersion());
  }
}
