package dev.skein.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.graph.Dim;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Opaque;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.input.InputReader.Sample;
import dev.skein.onnx.OnnxReader;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputReaderTest {
  private static final Value PICTURE =
      Value.of(
          "picture",
          new TensorType(
              ElementType.FLOAT, List.of(Dim.named("N"), Dim.of(3), Dim.of(2), Dim.of(2))));
  private static final Value VECTOR =
      Value.of("vector", TensorType.of(ElementType.FLOAT, Shape.of(1, 2)));

  @TempDir private Path folder;

  @Test
  void eachPictureIsASample() throws IOException {
    String white = picture("white.png", 0xffffff);
    String black = picture("black.png", 0);

    List<Sample> samples = reader(Map.of(), "unit", PICTURE).read(List.of(white, black));

    assertThat(samples).extracting(Sample::name).containsExactly(white, black);
    assertThat(samples.get(0).tensors().get("picture").toFloats()).containsOnly(1);
    assertThat(samples.get(1).tensors().get("picture").toFloats()).containsOnly(0);
  }

  @Test
  void theFlagGoesBeforeTheMetadata() throws IOException {
    String white = picture("white.png", 0xffffff);
    Map<String, String> metadata = Map.of(InputReader.RECIPE_KEY, "raw");

    assertThat(value(reader(metadata, null, PICTURE), white)).isEqualTo(255);
    assertThat(value(reader(metadata, "unit", PICTURE), white)).isEqualTo(1);
  }

  @Test
  void aModelOfWhichNobodySaysTheRecipeAsksForIt() throws IOException {
    String white = picture("white.png", 0xffffff);

    assertThatThrownBy(() -> reader(Map.of(), null, PICTURE).read(List.of(white)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("--preprocess")
        .hasMessageContaining(white);
  }

  @Test
  void aBadRecipeIsToldBeforeAnyFileIsRead() {
    assertThatThrownBy(() -> reader(Map.of(), "troch", PICTURE)).hasMessageContaining("'troch'");
  }

  @Test
  void severalInputsAreGivenByName() throws IOException {
    InputReader reader = reader(Map.of(), "raw", PICTURE, VECTOR);
    String white = picture("white.png", 0xffffff);
    String array = array("v.npy", 5, 6);

    Sample sample = reader.read(List.of("vector=" + array, "picture=" + white)).getFirst();

    assertThat(sample.tensors().get("vector").toFloats()).containsExactly(5, 6);
    assertThat(sample.tensors().get("picture").toFloats()).containsOnly(255);
    assertThatThrownBy(() -> reader.read(List.of(white))).hasMessageContaining("NAME=FILE");
    assertThatThrownBy(() -> reader.read(List.of("vector=" + array)))
        .hasMessageContaining("[picture]");
    assertThatThrownBy(() -> reader.read(List.of("vector=" + array, white)))
        .hasMessageContaining("name all or none");
    assertThatThrownBy(() -> reader.read(List.of("vector=" + array, "vector=" + array)))
        .hasMessageContaining("twice");
  }

  @Test
  void randomInputFillsEveryInput() {
    InputReader reader = reader(Map.of(), null, PICTURE, VECTOR);

    Sample sample = reader.read(List.of("random:3")).getFirst();

    assertThat(sample.tensors().get("picture").shape()).isEqualTo(Shape.of(1, 3, 2, 2));
    assertThat(sample.tensors().get("vector").toFloats())
        .isEqualTo(reader.read(List.of("random:3")).getFirst().tensors().get("vector").toFloats());
    assertThatThrownBy(() -> reader.read(List.of("random:x"))).hasMessageContaining("random:7");
  }

  @Test
  void anArrayOfAnotherShapeIsRefusedWithBothShapes() throws IOException {
    String array = array("long.npy", 1, 2, 3);

    assertThatThrownBy(() -> reader(Map.of(), null, VECTOR).read(List.of(array)))
        .hasMessageContaining("float[1x3]")
        .hasMessageContaining("float[1x2]");
  }

  @Test
  void sentencesFeedTheSentenceTransformerThatComesWithSkein() throws Exception {
    Path path = Sentences.model();
    InputReader reader = InputReader.of(OnnxReader.read(path), path, null);
    Path text = Files.writeString(folder.resolve("said.txt"), "make coffee\n\nopen the blinds\n");

    List<Sample> samples = reader.read(List.of("it is dark", text.toString()));

    assertThat(samples)
        .extracting(Sample::name)
        .containsExactly("it is dark", "make coffee", "open the blinds");
    try (BareRuntime runtime = new BareRuntime(path)) {
      Sample first = samples.getFirst();
      assertThat(Sentences.vectors(first.tensors(), runtime.run(first.tensors())).getFirst())
          .hasSize(384);
    }
  }

  @Test
  void labelsComeFromTheFlagTheMetadataOrTheCatalogue() {
    Model silent = model(Map.of(), VECTOR);
    Model own = model(Map.of(InputReader.LABELS_KEY, "yes\nno"), VECTOR);
    Path known = Shared.file("models/cifar10_resnet20.onnx");

    assertThat(InputReader.labels(silent, null, null)).isEmpty();
    assertThat(InputReader.labels(own, null, null).orElseThrow().size()).isEqualTo(2);
    assertThat(InputReader.labels(own, null, "cifar10").orElseThrow().size()).isEqualTo(10);
    assertThat(InputReader.labels(silent, known, null).orElseThrow().size()).isEqualTo(10);
  }

  @Test
  void nothingGivenNamesWhatIsWanted() {
    assertThatThrownBy(() -> reader(Map.of(), null, VECTOR).read(List.of()))
        .hasMessageContaining("[vector]");
    assertThatThrownBy(() -> reader(Map.of(), "raw", PICTURE).read(List.of("no\0file")))
        .isInstanceOf(InputException.class);
  }

  private static float value(InputReader reader, String picture) {
    return reader.read(List.of(picture)).getFirst().tensors().get("picture").toFloats()[0];
  }

  private static InputReader reader(Map<String, String> metadata, String flag, Value... inputs) {
    return InputReader.of(model(metadata, inputs), null, flag);
  }

  private static Model model(Map<String, String> metadata, Value... inputs) {
    Graph graph =
        new Graph("g", List.of(inputs), List.of(), List.of(), Map.of(), List.of(), Opaque.NONE);
    return new Model(graph, 8, Map.of("", 13L), metadata, Opaque.NONE);
  }

  private String picture(String name, int rgb) throws IOException {
    BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 4; i++) {
      image.setRGB(i % 2, i / 2, rgb);
    }
    ImageIO.write(image, "png", folder.resolve(name).toFile());
    return folder.resolve(name).toString();
  }

  private String array(String name, float... values) throws IOException {
    String header =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1, %d), }\n".formatted(values.length);
    ByteBuffer bytes =
        ByteBuffer.allocate(10 + header.length() + 4 * values.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    bytes.putShort((short) header.length());
    bytes.put(header.getBytes(StandardCharsets.US_ASCII));
    for (float value : values) {
      bytes.putFloat(value);
    }
    return Files.write(folder.resolve(name), bytes.array()).toString();
  }
}
