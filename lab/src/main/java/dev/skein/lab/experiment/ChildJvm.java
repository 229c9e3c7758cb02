package dev.skein.lab.experiment;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Java processes in which experiments measure what must not be mixed up with their own doings. */
final class ChildJvm {
  private ChildJvm() {}

  /** Starts a class of Skein with a small heap. */
  static Process start(Class<?> main, List<String> arguments, Path errors) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx64m", "-Xms64m"));
    // All of the heap is in memory from the start, so that its growth is not taken for the model's.
    command.add("-XX:+AlwaysPreTouch");
    // Mapped models are not heap, but the limit on direct memory follows it.
    command.add("-XX:MaxDirectMemorySize=2g");
    command.addAll(
        List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
    command.add(main.getName());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    return builder.start();
  }
}
