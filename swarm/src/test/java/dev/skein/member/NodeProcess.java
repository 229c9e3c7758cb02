package dev.skein.member;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;

/** A {@link NodeMain} in a process of its own; dies with the test. */
final class NodeProcess implements AutoCloseable {
  private final String name;
  private final Process process;
  private final List<String> lines = new CopyOnWriteArrayList<>();

  private NodeProcess(String name, Process process) {
    this.name = name;
    this.process = process;
    Thread.startVirtualThread(this::read);
  }

  /** With a free port, without multicast. */
  static NodeProcess start(String swarm, String id, String name, HostPort... seeds) {
    return start(List.of(swarm, id, name, "0", "false", "127.0.0.1"), seeds);
  }

  /** Arguments as {@link NodeMain} takes them. */
  static NodeProcess start(List<String> args, HostPort... seeds) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Xmx64m",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                NodeMain.class.getName()));
    command.addAll(args);
    for (HostPort seed : seeds) {
      command.add(seed.toString());
    }
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      return new NodeProcess(args.get(2), process);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A port outside the range nodes choose from. */
  static HostPort freePort() throws IOException {
    for (int attempt = 0; attempt < 100; attempt++) {
      // Below the range from which the system draws ports for others' connections.
      int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
      try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return new HostPort("127.0.0.1", port);
      } catch (BindException e) {
        // Taken: another one.
      }
    }
    throw new IOException("no free port found");
  }

  private void read() {
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        lines.add(line);
      }
    } catch (IOException e) {
      lines.add("lost: " + e);
    }
  }

  /** All it has printed, errors included. */
  List<String> lines() {
    return List.copyOf(lines);
  }

  Optional<HostPort> ready() {
    return lines.stream()
        .filter(line -> line.startsWith("READY "))
        .map(line -> HostPort.parse(line.substring(6)))
        .findFirst();
  }

  Optional<String> error() {
    return lines.stream().filter(l -> l.startsWith("ERROR ")).map(l -> l.substring(6)).findFirst();
  }

  /** Names of the members it last saw, with commas. */
  String members() {
    return lines.stream()
        .filter(line -> line.startsWith("MEMBERS "))
        .reduce((_, last) -> last)
        .map(line -> line.substring(8))
        .orElse("");
  }

  boolean alive() {
    return process.isAlive();
  }

  void leave() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** KILL, STOP or CONT. */
  void signal(String signal) {
    try {
      int exit =
          new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
      if (exit != 0) {
        throw new IllegalStateException("kill -" + signal + " failed");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  @Override
  public String toString() {
    return name + " " + lines;
  }
}
