package dev.skein.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.skein.graph.Model;
import dev.skein.graph.Value;
import dev.skein.input.Labels.Ranked;
import dev.skein.onnx.OnnxReader;
import dev.skein.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real photos through real models: a wrong colour order, scale or crop shows here. */
class PhotosTest {
  /** What a sensible answer looks like. The owl is a burrowing owl, of which ImageNet has none. */
  private static final Map<String, String> PHOTOS = new LinkedHashMap<>();

  static {
    PHOTOS.put("cat_720p.jpg", "Egyptian cat|tabby");
    PHOTOS.put("parrot.jpg", "macaw");
    PHOTOS.put("bird.png", "chickadee");
    PHOTOS.put("pets.jpg", "Boston bull|Italian greyhound|terrier|whippet");
    PHOTOS.put("owl.jpg", "owl|grouse|prairie chicken|kite");
    PHOTOS.put("grace_hopper.png", "uniform|suit|bow tie|Windsor tie|mortarboard");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mobilenetv2_1.0_224.onnx",
        "mobilenetv2_1.0_224_int8_qdq.onnx",
        "shufflenet_v2_x1.0.onnx",
        "shufflenet-v2-12-int8.onnx",
        "squeezenet1.1.onnx",
        "squeezenet_fp16.onnx",
      })
  void photosAreTakenForWhatTheyShowWithNothingSaidOfTheRecipe(String file) throws Exception {
    Path path = Shared.file("models/" + file);
    Labels labels = Labels.read(Shared.file("data/imagenet_labels_1000.txt"));
    InputReader reader = InputReader.of(OnnxReader.read(path), path, null);
    try (BareRuntime runtime = new BareRuntime(path)) {
      for (Map.Entry<String, String> photo : PHOTOS.entrySet()) {
        List<Ranked> top = labels.top(scores(runtime, reader, "data/photos/" + photo.getKey()), 5);

        assertThat(top.getFirst().label()).as(photo.getKey()).containsPattern(photo.getValue());
        assertThat(top)
            .extracting(Ranked::probability)
            .isSortedAccordingTo((a, b) -> b.compareTo(a));
        assertThat(top.stream().mapToDouble(Ranked::probability).sum()).isBetween(0.2, 1.0001);
      }
    }
  }

  @Test
  void aWrongRecipeMakesAWorseAnswer() throws Exception {
    Path path = Shared.file("models/mobilenetv2_1.0_224.onnx");
    Labels labels = Labels.read(Shared.file("data/imagenet_labels_1000.txt"));
    Model model = OnnxReader.read(path);
    try (BareRuntime runtime = new BareRuntime(path)) {
      InputReader right = InputReader.of(model, path, null);
      InputReader wrong = InputReader.of(model, path, "raw,bgr");
      Tensor good = scores(runtime, right, "data/photos/bird.png");
      Tensor bad = scores(runtime, wrong, "data/photos/bird.png");

      assertThat(labels.top(good, 1).getFirst().probability()).isGreaterThan(0.9);
      assertThat(labels.top(bad, 1).getFirst().label()).doesNotContain("chickadee");
    }
  }

  @Test
  void cifarModelsTellSmallPictures() throws Exception {
    for (String file : List.of("cifar10_resnet20.onnx", "mobilenetv2_cifar10.onnx")) {
      Path path = Shared.file("models/" + file);
      Model model = OnnxReader.read(path);
      Labels labels = InputReader.labels(model, path, null).orElseThrow();
      InputReader reader = InputReader.of(model, path, null);
      try (BareRuntime runtime = new BareRuntime(path)) {
        String best =
            labels.top(scores(runtime, reader, "data/photos/cat_720p.jpg"), 1).getFirst().label();
        assertThat(best).as(file).isEqualTo("cat");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "cifar10_resnet20.onnx, 0.9173",
    "mobilenetv2_cifar10.onnx, 0.8956",
    "tiny_cifar10_resnet8.onnx, 0.8719",
  })
  void recipesOfSmallPicturesReachThePublishedAccuracy(String file, double published)
      throws Exception {
    Path path = Shared.file("models/" + file);
    byte[] truth = Files.readAllBytes(Shared.file("data/cifar10/test_batch.labels"));
    Model model = OnnxReader.read(path);
    String recipe = Catalogue.shared().model(path).orElseThrow().preprocess();
    Preprocessing preprocessing = Preprocessing.parse(recipe);
    Value input = model.graph().requiredInputs().getFirst();
    Labels labels = Labels.numbered(10);
    int right = 0;
    try (BareRuntime runtime = new BareRuntime(path)) {
      for (int i = 0; i < CIFAR_IMAGES; i++) {
        Tensor picture = preprocessing.apply(strip().getSubimage(0, 32 * i, 32, 32), input);
        Tensor scores = runtime.run(Map.of(input.name(), picture)).values().iterator().next();
        right += labels.top(scores, 1).getFirst().index() == truth[i] ? 1 : 0;
      }
    }
    // Three standard errors of a sample of this size.
    assertThat((double) right / CIFAR_IMAGES).isCloseTo(published, within(0.05));
  }

  private static final int CIFAR_IMAGES = 400;
  private static @Nullable BufferedImage strip;

  private static BufferedImage strip() {
    if (strip == null) {
      strip = Images.read(Shared.file("data/cifar10/test_batch.png"));
    }
    return strip;
  }

  @Test
  void detectorFindsTheDogs() throws Exception {
    Path path = Shared.file("models/FastestDet.onnx");
    InputReader reader = InputReader.of(OnnxReader.read(path), path, null);
    try (BareRuntime runtime = new BareRuntime(path)) {
      float[] out = scores(runtime, reader, "data/photos/pets.jpg").toFloats();
      // 85 planes of 22 x 22: whether there is something, four of where, 80 of what.
      int cells = 22 * 22;
      int best = 0;
      for (int cell = 1; cell < cells; cell++) {
        best = out[cell] > out[best] ? cell : best;
      }
      int kind = 0;
      for (int k = 1; k < 80; k++) {
        kind = out[(5 + k) * cells + best] > out[(5 + kind) * cells + best] ? k : kind;
      }
      assertThat(out[best]).isGreaterThan(0.5f);
      assertThat(kind).as("COCO's number of dogs").isEqualTo(16);
    }
  }

  private static Tensor scores(BareRuntime runtime, InputReader reader, String photo) {
    InputReader.Sample sample = reader.read(List.of(Shared.file(photo).toString())).getFirst();
    return runtime.run(sample.tensors()).values().iterator().next();
  }
}
