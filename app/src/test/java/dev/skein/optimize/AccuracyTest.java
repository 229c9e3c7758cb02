package dev.skein.optimize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.engine.ShapeProbe;
import dev.skein.graph.Model;
import dev.skein.input.DataFolder;
import dev.skein.input.InputException;
import dev.skein.input.InputReader;
import dev.skein.input.Shared;
import dev.skein.onnx.OnnxReader;
import dev.skein.quantize.QuantizationOptions;
import dev.skein.rewrite.BatchNormAfter;
import dev.skein.rewrite.Rewriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AccuracyTest {
  private static final int IMAGES = 300;

  private static DataFolder cifar(Model model, Path file) {
    InputReader reader = InputReader.of(model, file, null);
    return DataFolder.open(Shared.file("data/cifar10"), reader, null, 64, 7);
  }

  @Test
  void int8KeepsTheAccuracyOfARealModelOnRealPictures() {
    Path file = Shared.file("models/cifar10_resnet20.onnx");
    Model plain = OnnxReader.read(file);
    DataFolder data = cifar(plain, file);
    Model folded =
        new Rewriter(List.of(new BatchNormAfter()), ShapeProbe::annotate).apply(plain).model();
    QuantizationOptions options = QuantizationOptions.defaults();
    Map<String, Model> forms = new LinkedHashMap<>();
    forms.put("plain", plain);
    forms.put("int8", Quantizer.statically(folded, data.calibration().tensors(), options).model());
    forms.put("half", Quantizer.halved(folded));
    forms.put("dynamic", Quantizer.dynamically(folded, options).model());
    Map<String, Accuracy.Score> scores = Accuracy.compare(forms, data.evaluation(), IMAGES);
    Accuracy.Score reference = scores.get("plain");
    assertThat(reference.samples()).isEqualTo(IMAGES);
    assertThat(reference.top1()).isBetween(88.0, 96.0);
    assertThat(reference.agreement()).isEqualTo(100);
    assertThat(reference.difference()).isZero();
    scores.forEach((form, score) -> {
      assertThat(score.top1()).as(form).isGreaterThan(reference.top1() - 2);
      assertThat(score.agreement()).as(form).isGreaterThan(96);
    });
    assertThat(scores.get("half").difference()).isBetween(1e-9, 0.01);
    assertThat(scores.get("int8").difference()).isBetween(0.001, 0.5);
    assertThat(Accuracy.top1(plain, data.evaluation(), IMAGES)).isEqualTo(reference.top1());
  }

  @Test
  void aModelOfOnePictureAtATimeGivesTheSame() {
    Path file = Shared.file("models/squeezenet1.1.onnx");
    Model model = OnnxReader.read(file);
    InputReader reader = InputReader.of(model, file, null);
    DataFolder photos = DataFolder.open(Shared.file("data/photos"), reader, null, 3, 7);
    assertThat(photos.evaluation().isLabelled()).isFalse();
    Accuracy.Score score =
        Accuracy.compare(Map.of("same", model), photos.evaluation(), 2).get("same");
    assertThat(score.samples()).isEqualTo(2);
    assertThat(score.agreeing()).isEqualTo(2);
    assertThat(score.correct()).isZero();
    assertThatThrownBy(() -> Accuracy.top1(model, photos.evaluation(), 2))
        .isInstanceOf(InputException.class)
        .hasMessageEndingWith("has no labels: accuracy cannot be told");
  }

  @Test
  void labelsWithoutScoresAreRefused() {
    Path file = Shared.file("models/cifar10_resnet20.onnx");
    DataFolder data = cifar(OnnxReader.read(file), file);
    Model model = OnnxReader.read(file);
    Model open =
        model.with(
            new dev.skein.graph.Graph(
                "open",
                model.graph().inputs(),
                List.of(
                    dev.skein.graph.Value.of(
                        model.graph().nodes().getFirst().makes().getFirst(), null)),
                model.graph().nodes(),
                model.graph().weights(),
                List.of(),
                model.graph().rest()));
    assertThatThrownBy(() -> Accuracy.top1(open, data.evaluation(), 2))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("not scores of classes");
    assertThatThrownBy(() -> Accuracy.top1(model, data.evaluation(), 0))
        .hasMessageContaining("no sample");
  }
}
