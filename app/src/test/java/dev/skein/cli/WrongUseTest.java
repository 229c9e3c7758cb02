package dev.skein.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.input.Shared;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every mistake ends in one line that names it: exit code 2 for wrong usage, 1 for the rest. */
@Timeout(60)
class WrongUseTest {
  @TempDir static Path folder;
  private static String model;

  @BeforeAll
  static void write() {
    model = TinyModels.classifier(folder.resolve("tiny.onnx")).toString();
  }

  /** A swarm of this test's own, on this machine only. */
  private static Cli alone(String... args) {
    List<String> all = new ArrayList<>(Arrays.asList(args));
    all.addAll(List.of("--no-multicast", "--swarm-name", "test-" + UUID.randomUUID()));
    if (!all.contains("--bind")) {
      all.addAll(List.of("--bind", "127.0.0.1"));
    }
    return Cli.run(all.toArray(String[]::new));
  }

  private static Path file(String name, byte... content) throws IOException {
    return Files.write(folder.resolve(name), content);
  }

  @ParameterizedTest
  @ValueSource(strings = {"inspect", "infer", "plan", "demo"})
  void aModelThatIsNotThereIsNamed(String command) {
    forModel(command, "nosuch.onnx").assertFailed("no such file", "nosuch.onnx");
  }

  @ParameterizedTest
  @ValueSource(strings = {"inspect", "infer", "plan", "demo"})
  void aTextFileIsNoModel(String command) throws IOException {
    Path text = file("text.onnx", "hello world, this is no model\n".getBytes());
    forModel(command, text.toString()).assertFailed("text.onnx", "no ONNX model");
  }

  @Test
  void anEmptyFileIsNoModel() throws IOException {
    forModel("inspect", file("empty.onnx").toString()).assertFailed("empty.onnx");
  }

  @Test
  void aFolderIsNoModel() {
    forModel("infer", folder.toString()).assertFailed(folder.toString(), "folder");
  }

  @ParameterizedTest
  @ValueSource(strings = {"inspect", "infer"})
  void aModelCutShortIsNamed(String command) throws IOException {
    byte[] whole = Files.readAllBytes(Shared.file("models/tiny_cifar10_resnet8.onnx"));
    for (int length : new int[] {1, 17, 1000, whole.length / 2, whole.length - 1}) {
      Path cut = file("cut.onnx", Arrays.copyOf(whole, length));
      forModel(command, cut.toString()).assertFailed("cut.onnx");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"inspect", "infer", "plan"})
  void anOperatorThatNobodyKnowsIsNamed(String command) {
    Path unknown = TinyModels.unknownOperator(folder.resolve("unknown.onnx"));
    forModel(command, unknown.toString()).assertFailed("Frobnicate");
  }

  private static Cli forModel(String command, String file) {
    return switch (command) {
      case "infer" -> alone("infer", file, "random:1");
      case "plan" -> alone("plan", file);
      case "demo" -> Cli.run("demo", "--once", "--model", file, "--input", "random:1");
      default -> Cli.run(command, file);
    };
  }

  @Test
  void whatIsNoPictureIsNamed() throws IOException {
    Path text = file("text.jpg", "hello world\n".getBytes());
    picture(text.toString()).assertFailed("text.jpg", "neither a JPEG nor a PNG");
    picture(file("empty.png").toString()).assertFailed("empty.png");
    picture("nosuch.jpg").assertFailed("nosuch.jpg");
    picture(folder.toString()).assertFailed(folder.toString());
    alone("infer", model, text.toString()).assertFailed("text.jpg", "--preprocess");
  }

  private static Cli picture(String file) {
    return alone("infer", model, file, "--preprocess", "unit");
  }

  @Test
  void inputsThatMeanNothingAreNamed() {
    alone("infer", model, "random:").assertFailed("random:7");
    alone("infer", model, "random:abc").assertFailed("'random:abc'");
    alone("infer", model, "random:1", "--labels", "nosuch.txt").assertFailed("nosuch.txt");
    alone("infer", model, "random:1", "--preprocess", "magic").assertFailed("'magic'", "torch");
  }

  @Test
  void commandLinesThatAreNoneAreWrongUsage() {
    Cli.run().assertWrongUsage("command", "skein --help");
    Cli.run("frobnicate").assertWrongUsage("'frobnicate'", "skein --help");
    Cli.run("inspect").assertWrongUsage("MODEL", "skein inspect --help");
    Cli.run("infer", model).assertWrongUsage("INPUT", "skein infer --help");
    Cli.run("inspect", model, "--frob").assertWrongUsage("--frob");
    Cli.run("inspect", model, "more").assertWrongUsage("'more'");
    Cli.run("swarm").assertWrongUsage("skein swarm ls");
    Cli.run("swarm", "rm").assertWrongUsage("'rm'");
    Cli.run("data").assertWrongUsage("ls");
    Cli.run("data", "get").assertWrongUsage("NAME");
    Cli.run("lab", "nosuch").assertWrongUsage("'nosuch'");
    Cli.run("demo", "--model", model).assertWrongUsage("--input");
    Cli.run("demo", "--input", "random:1").assertWrongUsage("--model");
  }

  @Test
  void dataThatNobodyHasHeardOfIsNamedWithWhatThereIs() {
    Cli.run("data", "get", "nosuch").assertFailed("'nosuch'", "minilm");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--repeat 0          | --repeat 0",
        "--repeat -3         | --repeat -3",
        "--repeat x          | --repeat",
        "--mode sideways     | sideways",
        "--mode local --asks-only | --asks-only"
      })
  void wrongOptionsOfInferAreNamed(String options, String named) {
    List<String> args = new ArrayList<>(List.of("infer", model, "random:1"));
    args.addAll(List.of(options.split(" ")));
    alone(args.toArray(String[]::new)).assertWrongUsage(named);
  }

  @ParameterizedTest
  @ValueSource(strings = {"N=0", "N=-1", "N=x", "N", "Q=2", "N=99999999999"})
  void wrongSizesOfAxesAreNamed(String size) {
    Cli.run("inspect", model, "--dim", size).assertWrongUsage("--dim");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--link      | x                 | 'x'",
        "--link      | 20mbit,soon       | 'soon'",
        "--link      | 0mbit             | '0mbit'",
        "--link      | -5ms              | '-5ms'",
        "--link      | 101%              | '101%'",
        "--memory    | x                 | 'x'",
        "--memory    | -1m               | '-1m'",
        "--memory    | 1.5g              | '1.5g'",
        "--memory    | 10m               | 10m",
        "--memory    | 0                 | 0",
        "--memory    | 99999999999g      | 99999999999g",
        "--slowdown  | 0.5               | 0.5",
        "--slowdown  | 0                 | 0.0",
        "--slowdown  | -3                | -3.0",
        "--slowdown  | 1e9               | 10000",
        "--slowdown  | NaN               | NaN",
        "--slowdown  | x                 | 'x'",
        "--cpu       | 0                 | 0.0",
        "--cpu       | 1.5               | 1.5",
        "--cpu       | -1                | -1.0",
        "--cpu       | x                 | 'x'",
        "--name      | a/b               | 'a/b'",
        "--name      | ../up             | '../up'",
        "--name      | a b               | 'a b'",
        "--join      | nowhere           | 'nowhere'",
        "--join      | 127.0.0.1:0       | '127.0.0.1:0'",
        "--join      | 127.0.0.1:70000   | '127.0.0.1:70000'",
        "--join      | 127.0.0.1:x       | '127.0.0.1:x'",
        "--join      | :7700             | ':7700'",
        "--port      | 70000             | 70000",
        "--port      | -1                | -1",
        "--port      | x                 | 'x'",
        "--threads   | -1                | -1",
        "--threads   | 100000            | 100000",
        "--bind      | 192.0.2.77        | '192.0.2.77'",
        "--bind      | nosuch.invalid    | 'nosuch.invalid'",
      })
  void wrongOptionsOfANodeAreNamed(String option, String value, String named) {
    alone("node", "--until-eof", "--home", home(), option, value).assertWrongUsage(named);
    assertThat(folder.resolve("home")).as("nothing begun").doesNotExist();
  }

  @Test
  void aDeviceIsEmulatedInOneWayOnly() {
    alone("node", "--home", home(), "--cpu", "0.5", "--slowdown", "2")
        .assertWrongUsage("--cpu", "--slowdown");
  }

  @Test
  void nobodyToJoinIsSaidWithTheAddress() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    String nobody = "127.0.0.1:" + port;
    alone("infer", model, "random:1", "--home", home("joiner"), "--join", nobody)
        .assertFailed(nobody);
  }

  @Test
  void aPortThatIsTakenIsNamed() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(socket.getLocalPort());
      alone("node", "--until-eof", "--home", home("taken"), "--port", port).assertFailed(port);
    }
  }

  @Test
  void aHomeThatIsAFileIsNamed() throws IOException {
    String file = file("in-the-way").toString();
    alone("node", "--until-eof", "--home", file).assertFailed(file);
  }

  @Test
  void askingWithNobodyThereSaysWhatHelps() {
    alone("infer", model, "random:1", "--asks-only", "--home", home("asker"))
        .assertFailed("no device", "skein node");
    alone("plan", model, "--asks-only", "--home", home("planner"))
        .assertWrongUsage("no device", "skein node");
  }

  @Test
  void helpAndVersionAreNoMistakes() {
    for (String[] args :
        List.of(
            new String[] {"--help"},
            new String[] {"--version"},
            new String[] {"infer", "--help"},
            new String[] {"swarm", "ls", "--help"})) {
      Cli cli = Cli.run(args);
      assertThat(cli.code()).isZero();
      assertThat(cli.err()).isEmpty();
      assertThat(cli.out()).isNotEmpty();
    }
  }

  private static String home() {
    return home("home");
  }

  private static String home(String name) {
    return folder.resolve(name).toString();
  }
}
