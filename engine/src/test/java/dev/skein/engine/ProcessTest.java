package dev.skein.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Value;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can only be seen from outside the process. */
class ProcessTest {
  @TempDir Path folder;

  @Test
  void nativeCodeIsLoadedOnFirstUseUnpackedOnceAndSaysNothing() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-XX:+UseSerialGC", "-Djava.io.tmpdir=" + folder));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("XDG_CACHE_HOME", folder.resolve("cache").toString());
    builder.redirectOutput(folder.resolve("out").toFile());
    builder.redirectError(folder.resolve("err").toFile());
    for (int time = 0; time < 2; time++) {
      Process process = builder.start();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(Files.readString(folder.resolve("err"))).isEmpty();
      assertThat(Files.readString(folder.resolve("out"))).isEqualTo("false\n2\ntrue\n");
    }
    try (Stream<Path> files = Files.walk(folder)) {
      assertThat(files.map(Path::toString).filter(file -> file.contains("libonnxruntime")))
          .hasSize(2)
          .allMatch(file -> file.startsWith(folder.resolve("cache/skein/onnxruntime-").toString()));
    }
  }

  static final class Main {
    public static void main(String[] args) throws IOException {
      Model sum = Graphs.sum();
      SessionOptions options = SessionOptions.defaults();
      System.out.println(isLoaded());
      System.out.println(failures(sum, options));
      System.out.println(isLoaded());
    }

    private static boolean isLoaded() throws IOException {
      return Files.readString(Path.of("/proc/self/maps")).contains("libonnxruntime.so");
    }

    // ONNX Runtime likes to log such.
    private static int failures(Model sum, SessionOptions options) {
      int failures = 0;
      Model broken =
          Graphs.model(
              List.of(Graphs.input("x", ElementType.FLOAT, 3)),
              List.of(Value.of("y", null)),
              Node.of("Frobnicate", List.of("x"), List.of("y")));
      try (Session session = Session.open(broken, options)) {
        session.close();
      } catch (EngineException e) {
        failures++;
      }
      try (Session session = Session.open(sum, options)) {
        Tensor two = Tensor.allocate(ElementType.FLOAT, Shape.of(2, 3));
        Tensor three = Tensor.allocate(ElementType.FLOAT, Shape.of(3, 3));
        session.run(Map.of("a", two, "b", two));
        session.run(Map.of("a", two, "b", three));
      } catch (EngineException e) {
        failures++;
      }
      return failures;
    }
  }
}
