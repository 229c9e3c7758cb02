package dev.skein.lab.experiment;

import dev.skein.cli.Experiment.Claim;
import dev.skein.cli.Table;
import dev.skein.graph.Model;
import dev.skein.input.DataFolder;
import dev.skein.input.InputReader;
import dev.skein.onnx.OnnxReader;
import dev.skein.optimize.Accuracy;
import dev.skein.optimize.Calibrator;
import dev.skein.optimize.Quantizer;
import dev.skein.quantize.CalibrationMethod;
import dev.skein.quantize.Histogram;
import dev.skein.quantize.QuantizationOptions;
import dev.skein.quantize.RangeRule;
import dev.skein.quantize.StaticQuantization;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Top-1 on CIFAR-10's test images; ranges come from training images alone. */
record QuantizedAccuracy(
    boolean quick, PrintStream out, List<Map<String, Object>> rows, List<Claim> claims) {
  private static final List<String> MODELS =
      List.of(
          "cifar10_resnet20.onnx",
          "cifar10_resnet56.onnx",
          "mobilenetv2_cifar10.onnx",
          "tiny_cifar10_resnet8.onnx");
  private static final List<String> HELD_TO =
      List.of("cifar10_resnet20.onnx", "cifar10_resnet56.onnx");
  private static final int SAMPLES = 256;
  private static final int TEST_IMAGES = 10_000;
  private static final int QUICK_TEST_IMAGES = 1_000;
  private static final long SEED = 7;
  private static final double MOST_POINTS_LOST = 1;
  private static final String PLAIN = "float32";

  void run() {
    Table table =
        new Table("model", "form", "images", "top-1 %", "change", "same answer %", "difference");
    for (String file : MODELS) {
      out.println("scoring " + file);
      Map<String, Accuracy.Score> scores = scores(Models.model(file));
      double plain = top1(scores, PLAIN);
      scores.forEach((form, score) -> {
        table.row(
            file,
            form,
            score.samples(),
            "%.2f".formatted(score.top1()),
            "%+.2f".formatted(score.top1() - plain),
            "%.2f".formatted(score.agreement()),
            "%.4f".formatted(score.difference()));
        rows.add(row(file, form, score));
      });
      if (HELD_TO.contains(file)) {
        String form = form(QuantizationOptions.defaults().rule().method());
        double lost = plain - top1(scores, form);
        claims.add(
            new Claim(
                "points of top-1 that %s loses as %s".formatted(file, form),
                MOST_POINTS_LOST,
                lost,
                lost <= MOST_POINTS_LOST));
      }
    }
    out.print(table);
  }

  private static double top1(Map<String, Accuracy.Score> scores, String form) {
    return Objects.requireNonNull(scores.get(form), form).top1();
  }

  private Map<String, Accuracy.Score> scores(Path file) {
    Model read = OnnxReader.read(file);
    InputReader reader = InputReader.of(read, file, null);
    DataFolder data =
        DataFolder.open(Models.data().resolve("data/cifar10"), reader, null, SAMPLES, SEED);
    Model model = Quantizer.raised(Folded.of(read));
    QuantizationOptions options = QuantizationOptions.defaults();
    Map<String, Histogram> seen =
        Calibrator.histograms(
            model, StaticQuantization.needed(model, options), data.calibration().tensors());
    Map<String, Model> forms = new LinkedHashMap<>();
    forms.put(PLAIN, read);
    for (CalibrationMethod method : CalibrationMethod.values()) {
      forms.put(
          form(method),
          Quantizer.staticallyBy(seen, model, options.with(RangeRule.of(method))).model());
    }
    forms.put("dynamic int8", Quantizer.dynamically(model, options).model());
    forms.put("float16 storage", Quantizer.halved(model));
    return Accuracy.compare(forms, data.evaluation(), quick ? QUICK_TEST_IMAGES : TEST_IMAGES);
  }

  private static String form(CalibrationMethod method) {
    return "static int8, " + method.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static Map<String, Object> row(String file, String form, Accuracy.Score score) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("part", "accuracy");
    row.put("model", file);
    row.put("form", form);
    row.put("images", score.samples());
    row.put("top1_percent", score.top1());
    row.put("same_answer_percent", score.agreement());
    row.put("greatest_difference", score.difference());
    return row;
  }
}
