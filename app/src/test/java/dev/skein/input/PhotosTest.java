package dev.skein.input;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.graph.Model;
import dev.skein.input.Labels.Ranked;
import dev.skein.onnx.OnnxReader;
import dev.skein.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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

  private static Tensor scores(BareRuntime runtime, InputReader reader, String photo) {
    InputReader.Sample sample = reader.read(List.of(Shared.file(photo).toString())).getFirst();
    return runtime.run(sample.tensors()).values().iterator().next();
  }
}
