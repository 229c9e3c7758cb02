package dev.skein.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.graph.Dim;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Opaque;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataFolderTest {
  private static final Labels ANIMALS = Labels.of(List.of("cat", "dog"));

  @TempDir private Path folder;

  /** Takes pictures of this size as they are. */
  private static InputReader reader(int channels, int side) {
    List<Dim> dims = List.of(Dim.named("N"), Dim.of(channels), Dim.of(side), Dim.of(side));
    Value input = Value.of("x", new TensorType(ElementType.FLOAT, dims));
    Graph graph =
        new Graph("takes", List.of(input), List.of(), List.of(), Map.of(), List.of(), Opaque.NONE);
    Model model = new Model(graph, 8, Map.of("", 13L), Map.of(), Opaque.NONE);
    return InputReader.of(model, null, "raw");
  }

  private DataFolder open(int samples, @Nullable Labels labels) {
    return DataFolder.open(folder, reader(3, 32), labels, samples, 1);
  }

  private static void picture(Path file, int width, int height, int rgb) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, rgb);
      }
    }
    Files.createDirectories(file.getParent());
    ImageIO.write(image, "png", file.toFile());
  }

  private static float first(LabelledData.Sample sample) {
    Tensor tensor = sample.tensors().values().iterator().next();
    return tensor.toFloats()[0];
  }

  private static Set<String> names(LabelledData data) {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < data.size(); i++) {
      names.add(data.sample(i).name());
    }
    return names;
  }

  @Test
  void picturesAreDividedTheSameWayEachTime() throws IOException {
    for (int i = 0; i < 10; i++) {
      picture(folder.resolve(i + ".png"), 32, 32, i << 16);
    }
    Files.writeString(folder.resolve("notes.txt"), "no picture");
    Files.writeString(folder.resolve(".hidden.png"), "no picture");
    DataFolder data = open(4, null);
    assertThat(data.disjoint()).isTrue();
    assertThat(data.calibration().size()).isEqualTo(4);
    assertThat(data.evaluation().size()).isEqualTo(6);
    assertThat(data.calibration().isLabelled()).isFalse();
    assertThat(names(data.calibration())).doesNotContainAnyElementsOf(names(data.evaluation()));
    assertThat(names(open(4, null).calibration())).isEqualTo(names(data.calibration()));
    DataFolder other = DataFolder.open(folder, reader(3, 32), null, 4, 2);
    assertThat(names(other.calibration())).isNotEqualTo(names(data.calibration()));
  }

  @Test
  void tooFewToDivideServeForBoth() throws IOException {
    picture(folder.resolve("a.png"), 32, 32, 0);
    DataFolder data = open(4, null);
    assertThat(data.disjoint()).isFalse();
    assertThat(names(data.evaluation())).isEqualTo(names(data.calibration())).hasSize(1);
  }

  @Test
  void foldersAreLabelsByIndexOrName() throws IOException {
    picture(folder.resolve("Dog/a.png"), 32, 32, 0x050000);
    picture(folder.resolve("0/b.png"), 32, 32, 0x070000);
    Files.createDirectories(folder.resolve("empty"));
    DataFolder data = open(9, ANIMALS);
    assertThat(data.calibration().isLabelled()).isTrue();
    assertThat(data.calibration().sample(0).label()).isZero();
    assertThat(first(data.calibration().sample(0))).isEqualTo(7);
    assertThat(data.calibration().sample(1).label()).isEqualTo(1);
    assertThat(first(data.calibration().sample(1))).isEqualTo(5);
  }

  @Test
  void foldersOfOtherNamesAreRefused() throws IOException {
    picture(folder.resolve("bird/a.png"), 32, 32, 0);
    assertThatThrownBy(() -> open(9, ANIMALS))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "folder %s is named by none of the model's 2 labels: rename it, or add --labels"
                .formatted(folder.resolve("bird")));
    assertThatThrownBy(() -> open(9, null)).hasMessageEndingWith("add --labels");
  }

  @Test
  void foldersWithNothingToReadAreRefused() throws IOException {
    assertThatThrownBy(() -> open(9, null))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(folder + " holds no pictures, .npy files");
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThatThrownBy(() -> DataFolder.open(file, reader(3, 32), null, 1, 1))
        .hasMessageStartingWith(file + " is no folder");
    assertThatThrownBy(() -> open(0, null)).hasMessage("samples is 0, but must be at least 1");
  }

  @Test
  void aBrokenPictureIsNamedWhenItIsRead() throws IOException {
    Path broken = Files.writeString(folder.resolve("a.png"), "no picture");
    LabelledData data = open(1, null).calibration();
    assertThatThrownBy(() -> data.sample(0)).hasMessageContaining(broken.toString());
  }

  private static byte[] records(int count, int start) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      bytes.write((start + i) % 10);
      for (int at = 0; at < 3 * 1024; at++) {
        bytes.write(at < 1024 ? start + i : at < 2048 ? 100 : 200);
      }
    }
    return bytes.toByteArray();
  }

  @Test
  void cifarRecordsAreReadWithTheirLabels() throws IOException {
    Files.write(folder.resolve("data_batch_1.bin"), records(5, 0));
    Files.write(folder.resolve("data_batch_2.bin"), records(5, 5));
    Files.write(folder.resolve("test_batch.bin"), records(3, 40));
    DataFolder data = open(10, null);
    assertThat(data.disjoint()).isTrue();
    assertThat(data.calibration().size()).isEqualTo(10);
    for (int i = 0; i < 10; i++) {
      assertThat(data.calibration().sample(i).label()).isEqualTo(i);
      assertThat(first(data.calibration().sample(i))).isEqualTo(i);
    }
    assertThat(data.evaluation().size()).isEqualTo(3);
    float[] pixels = data.evaluation().sample(2).tensors().get("x").toFloats();
    assertThat(List.of(pixels[1023], pixels[1024], pixels[3071])).containsExactly(42f, 100f, 200f);
  }

  @Test
  void cifarStripsAreCutIntoPictures() throws IOException {
    BufferedImage strip = new BufferedImage(32, 96, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 96; y++) {
      for (int x = 0; x < 32; x++) {
        strip.setRGB(x, y, (y / 32 + 1) << 16);
      }
    }
    ImageIO.write(strip, "png", folder.resolve("test_batch.png").toFile());
    Files.write(folder.resolve("test_batch.labels"), new byte[] {7, 8, 9});
    LabelledData data = open(3, null).evaluation();
    for (int i = 0; i < 3; i++) {
      assertThat(data.sample(i).label()).isEqualTo(7 + i);
      float[] pixels = data.sample(i).tensors().get("x").toFloats();
      assertThat(pixels[0]).isEqualTo(1 + i);
      assertThat(pixels[1023]).isEqualTo(1 + i);
    }
    Files.write(folder.resolve("test_batch.labels"), new byte[] {7, 8});
    LabelledData cut = open(3, null).calibration();
    assertThatThrownBy(() -> cut.sample(0))
        .hasMessageEndingWith("is 32 x 96 pixels, but 2 labels need a strip of 32 x 64");
    Files.delete(folder.resolve("test_batch.labels"));
    assertThatThrownBy(() -> open(3, null)).hasMessageContaining("has no labels beside it");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3072, 3074})
  void cifarRecordsOfAnotherLengthAreRefused(int length) throws IOException {
    Files.write(folder.resolve("test_batch.bin"), new byte[length]);
    assertThatThrownBy(() -> open(1, null))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("has %d bytes".formatted(length));
  }

  @Test
  void cifarClassesBeyondTenAreRefused() throws IOException {
    byte[] record = records(1, 0);
    record[0] = (byte) 200;
    Files.write(folder.resolve("test_batch.bin"), record);
    assertThatThrownBy(() -> open(1, null)).hasMessageContaining("says class 200");
  }

  private void idx(String name, int magic, int[] dims, byte[] values) throws IOException {
    Path file = folder.resolve(name);
    try (OutputStream raw = Files.newOutputStream(file);
        DataOutputStream out =
            new DataOutputStream(name.endsWith(".gz") ? new GZIPOutputStream(raw) : raw)) {
      out.writeInt(magic);
      for (int dim : dims) {
        out.writeInt(dim);
      }
      out.write(values);
    }
  }

  @Test
  void mnistIsGreyAndDividedByItsMakers() throws IOException {
    for (String part : List.of("train", "t10k")) {
      byte[] pixels = new byte[3 * 28 * 28];
      java.util.Arrays.fill(pixels, 28 * 28, pixels.length, (byte) 250);
      idx(part + "-images-idx3-ubyte.gz", 0x803, new int[] {3, 28, 28}, pixels);
      idx(part + "-labels-idx1-ubyte.gz", 0x801, new int[] {3}, new byte[] {4, 5, 6});
    }
    DataFolder data = DataFolder.open(folder, reader(1, 28), null, 2, 1);
    assertThat(data.calibration().size()).isEqualTo(2);
    assertThat(data.evaluation().size()).isEqualTo(3);
    assertThat(data.evaluation().sample(2).label()).isEqualTo(6);
    assertThat(first(data.evaluation().sample(0))).isZero();
    assertThat(first(data.evaluation().sample(2))).isBetween(249.9f, 250.1f);
  }

  @Test
  void hostileIdxFilesAreRefusedInOneLine() throws IOException {
    String images = "train-images-idx3-ubyte";
    List<String> messages = new ArrayList<>();
    idx(images, 0x803, new int[] {1, 2, 2}, new byte[4]);
    messages.add(refusal());
    idx("train-labels-idx1-ubyte", 0x801, new int[] {2}, new byte[2]);
    messages.add(refusal());
    idx(images, 0x803, new int[] {2, 2, 2}, new byte[4]);
    messages.add(refusal());
    idx(images, 0x803, new int[] {2, Integer.MAX_VALUE, Integer.MAX_VALUE}, new byte[4]);
    messages.add(refusal());
    idx(images, 0x803, new int[] {2, -1, 2}, new byte[4]);
    messages.add(refusal());
    idx(images, 0x999, new int[] {2, 2, 2}, new byte[8]);
    messages.add(refusal());
    assertThat(messages.get(0)).contains("has no labels beside it");
    assertThat(messages.get(1)).contains("has 1 images, but").contains("has 2 labels");
    assertThat(messages.get(2)).contains("is cut short");
    assertThat(messages.get(3)).contains("over the limit");
    assertThat(messages.get(4)).contains("over the limit");
    assertThat(messages.get(5)).contains("is no IDX file");
    assertThat(messages).noneMatch(message -> message.contains("\n"));
  }

  private String refusal() {
    try {
      open(1, null);
      return "";
    } catch (InputException e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Test
  void theRealStripsHoldWhatTheModelsKnow() {
    Path cifar = Shared.file("data/cifar10");
    DataFolder data = DataFolder.open(cifar, reader(3, 32), null, 5, 7);
    assertThat(data.evaluation().size()).isEqualTo(10_000);
    assertThat(data.evaluation().isLabelled()).isTrue();
    assertThat(names(data.calibration())).hasSize(5).allMatch(name -> name.contains("data_batch"));
  }
}
