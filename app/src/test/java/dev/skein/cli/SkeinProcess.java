package dev.skein.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A {@code skein} command in a process of its own; dies with the test. */
public final class SkeinProcess implements AutoCloseable {
  private final Process process;
  private final List<String> out = new CopyOnWriteArrayList<>();
  private final List<String> err = new CopyOnWriteArrayList<>();
  private final List<Thread> readers;

  private SkeinProcess(Process process) {
    this.process = process;
    this.readers =
        List.of(
            Thread.startVirtualThread(() -> read(process.inputReader(StandardCharsets.UTF_8), out)),
            Thread.startVirtualThread(
                () -> read(process.errorReader(StandardCharsets.UTF_8), err)));
  }

  public static SkeinProcess start(List<String> args) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "dev.skein.cli.Main"));
    command.addAll(args);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    builder.environment().remove("SKEIN_LOG");
    try {
      return new SkeinProcess(builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void read(BufferedReader reader, List<String> lines) {
    try (reader) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
      }
    } catch (IOException e) {
      // The process is gone.
    }
  }

  /** Waits for its end and for all that it printed; its exit code. */
  public int exit(Duration deadline) {
    try {
      if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("still running after " + deadline + ": " + this);
      }
      for (Thread reader : readers) {
        reader.join();
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** As {@code kill -9}. */
  public void kill() {
    process.destroyForcibly();
  }

  /** As {@code kill}; its standard input stays open. */
  public void terminate() {
    process.toHandle().destroy();
  }

  /** Its standard input ends. */
  public void closeInput() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lines of standard output so far. */
  public List<String> out() {
    return List.copyOf(out);
  }

  /** Lines of standard error so far. */
  public List<String> err() {
    return List.copyOf(err);
  }

  @Override
  public void close() {
    kill();
  }

  @Override
  public String toString() {
    return "out " + out + ", err " + err;
  }
}
