package dev.skein.lab.experiment;

import dev.skein.tensor.Difference;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * Starts {@link MemoryRun} as a process and compares what it computed with the run without limit.
 */
final class MemoryChild {
  private static final Duration DEADLINE = Duration.ofMinutes(5);

  private final Path model;
  private final long seconds;
  private final Path outputs;
  private final Path errors;
  private byte[] expected = new byte[0];

  MemoryChild(Path model, Path folder, long seconds) {
    this.model = model;
    this.seconds = seconds;
    this.outputs = folder.resolve("outputs.bin");
    this.errors = folder.resolve("errors.txt");
  }

  /**
   * @param budget bytes that the model may add; 0 for no limit
   * @throws IllegalStateException with what the process said, if it failed or took too long
   */
  MemoryRun.Result run(long budget) throws IOException {
    List<String> arguments =
        List.of(
            model.toString(), Long.toString(budget), outputs.toString(), Long.toString(seconds));
    Process process = ChildJvm.start(MemoryRun.class, arguments, errors);
    try (BufferedReader reader = process.inputReader()) {
      // A child that hangs is killed, which ends its output.
      CompletableFuture<Process> end =
          process.onExit().orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS);
      CompletableFuture<Void> guard =
          end.handle((done, failure) -> failure).thenAccept(failure -> process.destroyForcibly());
      String line = reader.readLine();
      guard.join();
      if (line == null) {
        throw new IllegalStateException(
            "%s within %d bytes: %s"
                .formatted(model.getFileName(), budget, Files.readString(errors).strip()));
      }
      return JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build()
          .readValue(line, MemoryRun.Result.class);
    } finally {
      process.destroyForcibly();
    }
  }

  /**
   * Greatest difference of the last run's outputs from the first one's, relative to their range.
   */
  double difference() throws IOException {
    byte[] actual = Files.readAllBytes(outputs);
    if (expected.length == 0) {
      expected = actual;
    }
    return actual.length == expected.length ? Difference.of(floats(expected), floats(actual)) : 1;
  }

  private static Map<String, Tensor> floats(byte[] bytes) {
    Tensor tensor = Tensor.allocate(ElementType.FLOAT, Shape.of(bytes.length / Float.BYTES));
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, tensor.data(), 0, tensor.bytes());
    return Map.of("outputs", tensor);
  }
}
