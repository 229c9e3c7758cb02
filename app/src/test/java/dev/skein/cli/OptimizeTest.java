package dev.skein.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.engine.Session;
import dev.skein.engine.SessionOptions;
import dev.skein.graph.Model;
import dev.skein.input.InputReader;
import dev.skein.input.Shared;
import dev.skein.onnx.OnnxReader;
import dev.skein.optimize.Samples;
import dev.skein.tensor.Difference;
import dev.skein.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@Timeout(120)
class OptimizeTest {
  @TempDir private Path folder;

  @Test
  void aRealModelComesBackEqualAndSmaller() {
    Path source = Shared.file("models/cifar10_resnet20.onnx");
    Path output = folder.resolve("out.onnx");

    JsonNode report =
        Cli.run("optimize", source.toString(), "-o", output.toString(), "--json").json();

    JsonNode sides = report.get("sides");
    assertThat(sides.get("difference").doubleValue()).isLessThanOrEqualTo(Difference.TOLERANCE);
    assertThat(nodes(sides, "after")).isLessThan(nodes(sides, "before"));
    assertThat(sides.get("after").get("file_bytes").longValue())
        .isEqualTo(output.toFile().length())
        .isLessThan(source.toFile().length());
    assertThat(report.get("passes").findValuesAsString("rewrite")).contains("batch-norm-after");
    assertThat(difference(source, output)).isLessThanOrEqualTo(Difference.TOLERANCE);
    // What the catalogue knew of the file is in the new one, which it does not know.
    assertThat(OnnxReader.read(output).metadata())
        .containsEntry(InputReader.LABELS_KEY, "cifar10")
        .containsKey(InputReader.RECIPE_KEY);
  }

  @Test
  void aModelMayTakeItsOwnPlace() throws IOException {
    Path file = folder.resolve("model.onnx");
    Path copy = folder.resolve("copy.onnx");
    TinyModels.classifier(file);
    Files.copy(file, copy);

    assertThat(Cli.run("optimize", file.toString(), "-o", file.toString()).code()).isZero();

    assertThat(difference(copy, file)).isLessThanOrEqualTo(Difference.TOLERANCE);
  }

  @Test
  void aFailureLeavesTheOldFileAndALinkStaysALink() throws IOException {
    Path file = TinyModels.classifier(folder.resolve("model.onnx"));
    byte[] before = Files.readAllBytes(file);
    Path data = Files.createDirectory(folder.resolve("data"));
    Files.writeString(data.resolve("torn.png"), "this is no picture");

    Cli.run("optimize", file.toString(), "-o", file.toString(), "--calibrate", data.toString())
        .assertFailed("torn.png");
    assertThat(Files.readAllBytes(file)).isEqualTo(before);

    Path link = Files.createSymbolicLink(folder.resolve("link.onnx"), file);
    assertThat(Cli.run("optimize", file.toString(), "-o", link.toString()).code()).isZero();
    assertThat(link).isSymbolicLink();
  }

  @Test
  void devicesAreNeverReplaced() {
    String file = TinyModels.classifier(folder.resolve("model.onnx")).toString();

    Cli.run("optimize", file, "-o", "/dev/full").assertWrongUsage("/dev/full");
    assertThat(Files.isRegularFile(Path.of("/dev/full"))).isFalse();
  }

  @Test
  void theReportHasBothSidesAndThePasses() {
    Path file = TinyModels.classifier(folder.resolve("model.onnx"));
    Path output = folder.resolve("out.onnx");

    Cli cli = Cli.run("optimize", file.toString(), "-o", output.toString(), "--report");

    assertThat(cli.code()).isZero();
    assertThat(String.join("\n", cli.out()))
        .containsSubsequence(
            "model.onnx -> out.onnx",
            "before",
            "after",
            "nodes",
            "MACs (million)",
            "peak activations",
            "latency ms",
            "difference",
            "pass");
  }

  @Test
  void halfPrecisionStorageHalvesTheFile() {
    Path source = Shared.file("models/cifar10_resnet20.onnx");
    Path output = folder.resolve("half.onnx");

    JsonNode report =
        Cli.run(
                "optimize",
                source.toString(),
                "-o",
                output.toString(),
                "--quantize",
                "fp16",
                "--keep",
                "--json")
            .json();

    assertThat(report.get("quantized").get("kept").booleanValue()).isTrue();
    assertThat((double) output.toFile().length()).isLessThan(0.55 * source.toFile().length());
    assertThat(difference(source, output)).isLessThan(1e-2);
  }

  @Test
  void staticQuantisationIsScoredOnWhatItWasNotCalibratedWith() {
    Path source = Shared.file("models/cifar10_resnet20.onnx");
    Path data = Shared.file("data/cifar10");
    Path output = folder.resolve("int8.onnx");

    JsonNode report =
        Cli.run(
                "optimize",
                source.toString(),
                "-o",
                output.toString(),
                "--quantize",
                "static",
                "--calibrate",
                data.toString(),
                "--samples",
                "64",
                "--score",
                "200",
                "--keep",
                "--json")
            .json();

    JsonNode scores = report.get("scores");
    assertThat(scores.get("samples").intValue()).isEqualTo(200);
    assertThat(scores.get("after").doubleValue())
        .isGreaterThan(scores.get("before").doubleValue() - 3);
    assertThat(report.get("quantized").get("operators").intValue()).isGreaterThan(20);
    assertThat((double) output.toFile().length()).isLessThan(0.35 * source.toFile().length());
  }

  @Test
  void onlyThePassesAskedForAreApplied() {
    Path source = Shared.file("models/cifar10_resnet20.onnx");
    Path output = folder.resolve("out.onnx");

    JsonNode report =
        Cli.run(
                "optimize",
                source.toString(),
                "-o",
                output.toString(),
                "--passes",
                "no-ops,duplicates",
                "--json")
            .json();

    assertThat(report.get("passes").findValuesAsString("rewrite"))
        .isSubsetOf("no-ops", "duplicates", "dead-code");
  }

  @Test
  void wrongUseIsNamed() {
    String model = TinyModels.classifier(folder.resolve("model.onnx")).toString();
    String output = folder.resolve("out.onnx").toString();

    Cli.run("optimize", model, "-o", output, "--passes", "fold-all")
        .assertWrongUsage("--passes", "'fold-all'", "constant-folding");
    Cli.run("optimize", model, "-o", folder.resolve("no/such/out.onnx").toString())
        .assertWrongUsage("-o", "no/such");
    Cli.run("optimize", model, "-o", folder.toString()).assertWrongUsage("-o");
    Cli.run("optimize", model, "-o", output, "--quantize", "static")
        .assertWrongUsage("--quantize static needs --calibrate");
    Cli.run("optimize", model, "-o", output, "--keep").assertWrongUsage("--keep");
    Cli.run("optimize", model, "-o", output, "--samples", "0").assertWrongUsage("--samples");
    Cli.run("optimize", model, "-o", output, "--dim", "M=2").assertWrongUsage("--dim M");
    Cli.run("optimize", "random:resnet19@224", "-o", output).assertWrongUsage("resnet19");
    assertThat(Path.of(output)).doesNotExist();
  }

  @Test
  void badModelsAreRefusedAndNothingIsWritten() throws IOException {
    Path output = folder.resolve("out.onnx");
    Path old = TinyModels.ofOpset(folder.resolve("old.onnx"), 6);
    Path strange = TinyModels.unknownOperator(folder.resolve("strange.onnx"));
    Path broken = folder.resolve("broken.onnx");
    Files.writeString(broken, "this is no model");

    Cli.run("optimize", old.toString(), "-o", output.toString()).assertFailed("opset 6", "7 to");
    Cli.run("optimize", strange.toString(), "-o", output.toString()).assertFailed("Frobnicate");
    Cli.run("optimize", broken.toString(), "-o", output.toString()).assertFailed("broken.onnx");
    assertThat(output).doesNotExist();
  }

  @Test
  void branchesAndLoopsAreLeftAsTheyAre() {
    Path source = TinyModels.branching(folder.resolve("if.onnx"));
    Path output = folder.resolve("out.onnx");

    assertThat(Cli.run("optimize", source.toString(), "-o", output.toString()).code()).isZero();

    assertThat(difference(source, output)).isLessThanOrEqualTo(Difference.TOLERANCE);
  }

  private static int nodes(JsonNode sides, String side) {
    return sides.get(side).get("footprint").get("nodes").intValue();
  }

  private static double difference(Path one, Path other) {
    Model model = OnnxReader.read(one);
    Map<String, Tensor> sample = Samples.random(model, Map.of(), 1, 3).getFirst();
    return Difference.of(run(model, sample), run(OnnxReader.read(other), sample));
  }

  private static Map<String, Tensor> run(Model model, Map<String, Tensor> sample) {
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      return session.run(sample);
    }
  }
}
