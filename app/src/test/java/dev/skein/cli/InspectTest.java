package dev.skein.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.skein.input.Shared;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import tools.jackson.databind.JsonNode;

@Timeout(120)
class InspectTest {
  @TempDir private Path folder;

  @Test
  void reportsWhatAKnownModelCosts() {
    JsonNode report = Cli.run("inspect", "random:resnet18@32", "--json").json();

    assertThat(report.get("model").stringValue()).isEqualTo("random:resnet18@32");
    assertThat(report.get("parameters").longValue()).isEqualTo(11_173_962);
    assertThat(report.get("macs").longValue()).isEqualTo(555_422_720);
    assertThat(report.get("bytes_moved").longValue()).isGreaterThan(4 * 11_173_962);
    assertThat(report.get("intensity").doubleValue())
        .isCloseTo(555_422_720.0 / report.get("bytes_moved").longValue(), within(1e-9));
    assertThat(report.get("memory").get("bytes").size()).isEqualTo(report.get("nodes").size());
    // The first block: its input, and two maps of 64 x 32 x 32 floats.
    assertThat(report.get("memory").get("peak_bytes").longValue()).isEqualTo(3 * 262_144);
    assertThat(report.get("flows").get("widest").intValue()).isEqualTo(2);
    assertThat(report.get("flows").get("parallel").size()).isEqualTo(3);
    assertThat(report.get("cuts").intValue()).isEqualTo(report.get("segments").size() + 1);
    assertThat(report.get("millis").doubleValue()).isPositive();
  }

  @Test
  void anotherOrderIsNamedWhereOneNeedsLess() {
    Path file = folder.resolve("swelling.onnx");
    TinyModels.swelling(file);

    JsonNode memory = Cli.run("inspect", file.toString(), "--json").json().get("memory");
    assertThat(memory.get("reordered_peak_bytes").longValue())
        .isLessThan(memory.get("peak_bytes").longValue());
    assertThat(memory.get("peak_alone").booleanValue()).isFalse();
    assertThat(text(Cli.run("inspect", file.toString()))).contains("another order of the nodes");
  }

  @Test
  void thePageHasAllItsParts() {
    Cli cli = Cli.run("inspect", "random:resnet18@32", "--operators");

    assertThat(cli.code()).isZero();
    assertThat(text(cli))
        .containsSubsequence(
            "11.17 M parameters",
            "555.42 M multiply-accumulates",
            "operator",
            "activation memory over the",
            "at node",
            "█",
            "branches; at most 2 can run at one time; side by side in 3 places",
            "Conv 'layer2.0.conv1'",
            "cuts",
            "segment",
            "node  operator",
            "layer4.1.bn2");
    assertThat(cli.out()).filteredOn(line -> line.contains("│")).hasSize(8).allMatch(fits());
  }

  private static java.util.function.Predicate<String> fits() {
    return line -> line.codePointCount(0, line.length()) <= 80;
  }

  @Test
  void aLargeModelStillGivesOnePage() {
    Path file = TinyModels.ladder(folder.resolve("ladder.onnx"), 1200);

    Cli cli = Cli.run("inspect", file.toString());
    assertThat(cli.code()).isZero();
    assertThat(cli.out()).hasSizeLessThan(100);
    assertThat(text(cli)).contains("places that take less time", "segments that take less time");
    assertThat(cli.out()).filteredOn(line -> line.contains("│")).hasSize(8).allMatch(fits());
  }

  @Test
  void bodiesOfBranchesAreCounted() {
    Path file = TinyModels.branching(folder.resolve("if.onnx"));
    Path svg = folder.resolve("if.svg");

    JsonNode report = Cli.run("inspect", file.toString(), "--json", "--svg", svg.toString()).json();
    assertThat(report.get("parameters").longValue()).isEqualTo(4);
    assertThat(report.get("operators").get("If").intValue()).isEqualTo(1);
    assertThat(svg).isNotEmptyFile();
  }

  @Test
  void oldOperatorSetsAreInspectedOrRefused() {
    Path old = TinyModels.ofOpset(folder.resolve("seven.onnx"), 7);
    Cli.run("inspect", old.toString(), "--json").json();
    Path older = TinyModels.ofOpset(folder.resolve("five.onnx"), 5);
    Cli.run("inspect", older.toString()).assertFailed("five.onnx", "opset");
  }

  @Test
  void aDrawingHasABoxForEachNodeAndNoneOverlap() throws Exception {
    for (Path file :
        List.of(
            Shared.file("models/squeezenet1.1.onnx"),
            Shared.file("models/FastestDet.onnx"),
            TinyModels.ladder(folder.resolve("ladder.onnx"), 400))) {
      Path svg = folder.resolve("graph.svg");
      JsonNode report =
          Cli.run("inspect", file.toString(), "--json", "--svg", svg.toString()).json();
      Document drawing = parse(svg);
      List<double[]> boxes = boxes(drawing);
      int drawn = report.get("inputs").size() + report.get("outputs").size();
      for (JsonNode branch : report.get("flows").get("branches")) {
        drawn += branch.get("nodes").size();
      }
      assertThat(boxes).as(file.toString()).hasSize(drawn);
      double width = Double.parseDouble(drawing.getDocumentElement().getAttribute("width"));
      double height = Double.parseDouble(drawing.getDocumentElement().getAttribute("height"));
      for (int i = 0; i < boxes.size(); i++) {
        double[] a = boxes.get(i);
        assertThat(a[0] >= 0 && a[1] >= 0 && a[0] + a[2] <= width && a[1] + a[3] <= height)
            .isTrue();
        for (double[] b : boxes.subList(0, i)) {
          assertThat(
                  a[0] + a[2] <= b[0]
                      || b[0] + b[2] <= a[0]
                      || a[1] + a[3] <= b[1]
                      || b[1] + b[3] <= a[1])
              .isTrue();
        }
      }
      assertThat(drawing.getElementsByTagName("path").getLength()).isGreaterThan(boxes.size() - 2);
    }
  }

  @Test
  void hostileNamesStayInsideTheDrawing() throws Exception {
    Path file = TinyModels.named(folder.resolve("hostile.onnx"), "</svg><script>\u0001&\"'");
    Path svg = folder.resolve("hostile.svg");
    Cli.run("inspect", file.toString(), "--json", "--svg", svg.toString()).json();
    assertThat(parse(svg).getElementsByTagName("script").getLength()).isZero();
    assertThat(Files.readString(svg)).contains("&lt;/svg&gt;");
  }

  @Test
  void whereNothingCanBeDrawnIsSaidInOneLine() throws IOException {
    String model = TinyModels.classifier(folder.resolve("tiny.onnx")).toString();
    byte[] before = Files.readAllBytes(Path.of(model));
    Cli.run("inspect", model, "--svg", folder.toString()).assertWrongUsage("--svg", "folder");
    Cli.run("inspect", model, "--svg", folder.resolve("no/such/x.svg").toString())
        .assertWrongUsage("--svg", "no/such");
    Cli.run("inspect", model, "--svg", model).assertWrongUsage("--svg", "the model itself");
    assertThat(Files.readAllBytes(Path.of(model))).isEqualTo(before);
  }

  @Test
  void architecturesThatCannotBeBuiltAreNamed() {
    Cli.run("inspect", "random:alexnet@224").assertWrongUsage("alexnet", "resnet18");
    Cli.run("inspect", "random:resnet18").assertWrongUsage("random:resnet18", "@224");
    Cli.run("inspect", "random:resnet18@7").assertWrongUsage("7", "32");
    Cli.run("plan", "random:").assertWrongUsage("random:NAME@SIZE");
    Cli.run("infer", "random:vgg16@99999", "random:1").assertWrongUsage("99999");
    Cli.run("inspect", "\0").assertWrongUsage("file name");
  }

  @Test
  void anArchitectureRunsLikeAFile() {
    JsonNode report =
        Cli.run(
                "infer",
                "random:mobilenetv2@32",
                "random:1",
                "--mode",
                "local",
                "--no-multicast",
                "--bind",
                "127.0.0.1",
                "--swarm-name",
                "test-" + java.util.UUID.randomUUID(),
                "--json")
            .json();
    assertThat(report.get("model").stringValue()).isEqualTo("random:mobilenetv2@32");
    assertThat(report.get("answers").size()).isEqualTo(1);
  }

  private static String text(Cli cli) {
    return String.join("\n", cli.out());
  }

  private static Document parse(Path svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(Files.readAllBytes(svg)));
  }

  /** Left, top, width and height of all boxes that have a tip. */
  private static List<double[]> boxes(Document drawing) {
    List<double[]> boxes = new ArrayList<>();
    NodeList all = drawing.getElementsByTagName("rect");
    for (int i = 0; i < all.getLength(); i++) {
      Element box = (Element) all.item(i);
      if (box.getElementsByTagName("title").getLength() > 0) {
        boxes.add(
            new double[] {
              number(box, "x"), number(box, "y"), number(box, "width"), number(box, "height")
            });
      }
    }
    return boxes;
  }

  private static double number(Element box, String attribute) {
    return Double.parseDouble(box.getAttribute(attribute));
  }
}
