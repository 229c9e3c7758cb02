package dev.skein.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Real node processes on this machine, in a swarm of their own on the loopback address. They end
 * with this object, and also when this process dies, since they read its end of their standard
 * input.
 */
public final class Fleet implements AutoCloseable {
  private static final Duration START_DEADLINE = Duration.ofSeconds(40);
  private static final Duration STOP_DEADLINE = Duration.ofSeconds(5);
  private static final Pattern JOIN = Pattern.compile("\"join\":\"([^\"]+)\"");
  private static final Pattern ID = Pattern.compile("\"id\":\"([^\"]+)\"");

  private final String swarm;
  private final Path folder;
  private final Map<String, Member> members = new LinkedHashMap<>();

  /**
   * @param id the node's id
   * @param join where others join
   */
  private record Member(Process process, String id, String join) {}

  private Fleet(String swarm, Path folder) {
    this.swarm = swarm;
    this.folder = folder;
  }

  /**
   * Starts the devices and waits until all are in one swarm.
   *
   * @throws DemoException with the first line that a device which failed to start complained with
   */
  public static Fleet start(String swarm, List<Emulated> devices) {
    try {
      Fleet fleet = new Fleet(swarm, Files.createTempDirectory("skein-fleet"));
      Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(fleet::close));
      try {
        fleet.add(devices.getFirst());
        List<CompletableFuture<Void>> others = new ArrayList<>();
        for (Emulated device : devices.subList(1, devices.size())) {
          others.add(CompletableFuture.runAsync(() -> fleet.add(device)));
        }
        others.forEach(CompletableFuture::join);
        return fleet;
      } catch (RuntimeException e) {
        fleet.close();
        throw e.getCause() instanceof DemoException cause ? cause : e;
      }
    } catch (IOException e) {
      throw new DemoException("cannot make a folder for the devices: " + e.getMessage());
    }
  }

  /** Starts one more device, or one that was killed once more under its former id. */
  public void add(Emulated device) {
    try {
      List<String> command = javaCommand();
      command.addAll(List.of("node", "--json", "--until-eof"));
      command.addAll(List.of("--swarm-name", swarm, "--bind", "127.0.0.1", "--no-multicast"));
      command.addAll(List.of("--home", folder.resolve(device.name()).toString()));
      command.addAll(device.options());
      synchronized (members) {
        members.values().stream()
            .filter(member -> member.process().isAlive())
            .findFirst()
            .ifPresent(member -> command.addAll(List.of("--join", member.join())));
      }
      Path errors = folder.resolve(device.name() + ".err");
      ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
      builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
      Process process = builder.start();
      Member member = member(process, readLine(process, device.name(), errors));
      synchronized (members) {
        members.put(device.name(), member);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where a node of this machine joins the fleet's swarm. */
  public String join() {
    synchronized (members) {
      return members.values().stream()
          .filter(member -> member.process().isAlive())
          .findFirst()
          .orElseThrow(() -> new DemoException("no device of the fleet is alive"))
          .join();
    }
  }

  public String swarm() {
    return swarm;
  }

  /** A device's node id. */
  public String id(String device) {
    return member(device).id();
  }

  /** The name of the device with this node id. */
  public String nameOf(String id) {
    synchronized (members) {
      return members.entrySet().stream()
          .filter(entry -> entry.getValue().id().equals(id))
          .findFirst()
          .orElseThrow(() -> new DemoException("no device has the id " + id))
          .getKey();
    }
  }

  /** Resident memory and CPU time so far of a device's process. */
  public ProcessHandle handle(String device) {
    return member(device).process().toHandle();
  }

  /** As {@code kill -9}: no goodbye. */
  public void kill(String device) {
    member(device).process().destroyForcibly();
  }

  /** As {@code kill -STOP}: there, but silent. */
  public void pause(String device) {
    signal("STOP", device);
  }

  public void resume(String device) {
    signal("CONT", device);
  }

  private void signal(String signal, String device) {
    try {
      long pid = member(device).process().pid();
      new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).start().waitFor();
    } catch (IOException e) {
      throw new DemoException("cannot send a signal: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Member member(String device) {
    synchronized (members) {
      Member member = members.get(device);
      if (member == null) {
        throw new DemoException("no device is called " + device);
      }
      return member;
    }
  }

  private static Member member(Process process, String ready) {
    Matcher join = JOIN.matcher(ready);
    Matcher id = ID.matcher(ready);
    if (!join.find() || !id.find()) {
      throw new DemoException("a device said '" + ready + "' where it should say it is ready");
    }
    return new Member(process, id.group(1), join.group(1));
  }

  private static String readLine(Process process, String name, Path errors) throws IOException {
    CompletableFuture<String> line = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            BufferedReader reader = process.inputReader();
            line.complete(String.valueOf(reader.readLine()));
          } catch (IOException e) {
            line.complete("null");
          }
        });
    String text =
        line.completeOnTimeout("null", START_DEADLINE.toSeconds(), TimeUnit.SECONDS).join();
    if (text.equals("null")) {
      process.destroyForcibly();
      String complaint = Files.readString(errors).lines().findFirst().orElse("no word of it");
      throw new DemoException("device " + name + " did not start: " + complaint);
    }
    return text;
  }

  /** This JVM's own command with its flags; the class path goes into the environment. */
  private static List<String> javaCommand() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> !flag.startsWith("-javaagent") && !flag.startsWith("-Xmx"))
        .filter(flag -> !flag.startsWith("-agentlib") && !flag.contains("TieredCompilation"))
        .forEach(command::add);
    command.addAll(List.of("-Xmx128m", "-XX:TieredStopAtLevel=1", "dev.skein.cli.Main"));
    return command;
  }

  @Override
  public void close() {
    List<Member> all;
    synchronized (members) {
      all = List.copyOf(members.values());
    }
    for (Member member : all) {
      member.process().destroyForcibly();
    }
    for (Member member : all) {
      try {
        member.process().waitFor(STOP_DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      // A folder for temporary files may keep a few.
    }
  }
}
