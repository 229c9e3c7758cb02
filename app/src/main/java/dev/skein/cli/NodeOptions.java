package dev.skein.cli;

import dev.skein.member.BindAddress;
import dev.skein.member.HostPort;
import dev.skein.member.MemberOptions;
import dev.skein.member.MembershipException;
import dev.skein.node.Cgroup;
import dev.skein.node.NodeException;
import dev.skein.node.NodeSettings;
import dev.skein.wire.Link;
import dev.skein.wire.WireException;
import dev.skein.worker.Capacity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import oshi.SystemInfo;
import picocli.CommandLine.Option;

/** How this process takes part in a swarm; shared by every command that does. */
final class NodeOptions {
  /** What a node takes for itself: JVM, membership, transport and the inference library. */
  private static final long OWN_BYTES = 160L << 20;

  private static final int MOST_THREADS = 1024;
  private static final long STORE_BYTES = 4L << 30;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

  @Option(
      names = "--swarm-name",
      paramLabel = "NAME",
      defaultValue = "skein",
      description = "swarm to join (${DEFAULT-VALUE})")
  private String swarm = "skein";

  @Option(
      names = "--join",
      split = ",",
      paramLabel = "HOST:PORT",
      description = "a node that is in the swarm")
  private List<String> join = List.of();

  @Option(names = "--no-multicast", description = "do not look for nodes on the local network")
  private boolean noMulticast;

  @Option(
      names = "--bind",
      defaultValue = "auto",
      paramLabel = "ADDRESS",
      description = "own address (${DEFAULT-VALUE}: the first of the local network)")
  private String bind = "auto";

  @Option(
      names = "--port",
      defaultValue = "0",
      description = "port that others --join (default: first free from 7700)")
  private int port;

  @Option(names = "--name", description = "name of this device (default: the host's)")
  private @Nullable String name;

  @Option(
      names = "--home",
      description = "folder for its id and fetched weights (default: ~/.skein/NAME)")
  private @Nullable Path home;

  @Option(
      names = "--threads",
      defaultValue = "0",
      description = "threads of one inference (default: all cores; 1 when emulated)")
  private int threads;

  @Option(
      names = "--slowdown",
      description = "emulate a device that many times slower than one core here")
  private @Nullable Double slowdown;

  @Option(
      names = "--cpu",
      description = "emulate by a kernel quota: share of one core, 0.25 is a quarter")
  private @Nullable Double cpu;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description = "emulate that much memory in all, such as 256m")
  private @Nullable String memory;

  @Option(
      names = "--link",
      paramLabel = "RATE,DELAY,LOSS",
      description = "emulate an access link, such as 20mbit,5ms,1%%")
  private @Nullable String link;

  boolean isAlone() {
    return join.isEmpty() && noMulticast;
  }

  /** Checks every option and applies the kernel limits asked for. */
  NodeSettings settings(NodeSettings.Role role, String defaultName) {
    try {
      return checked(role, defaultName);
    } catch (IllegalArgumentException | MembershipException | WireException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }

  private NodeSettings checked(NodeSettings.Role role, String defaultName) {
    if (threads < 0 || threads > MOST_THREADS) {
      throw new UsageException(
          "--threads " + threads + " is not between 0 (all cores) and " + MOST_THREADS);
    }
    BindAddress.of(bind);
    if (slowdown != null && cpu != null) {
      throw new UsageException("--slowdown and --cpu both weaken the CPU; give one of them");
    }
    String chosen = name == null ? defaultName : name;
    if (!NAME.matcher(chosen).matches()) {
      throw new UsageException(
          "--name '" + chosen + "' may hold letters, digits, dot, dash and underscore, 63 at most");
    }
    Path folder = home != null ? home : home(role, chosen);
    MemberOptions membership =
        new MemberOptions(
            swarm, bind, port, join.stream().map(HostPort::parse).toList(), !noMulticast);
    Link shaped = link == null ? Link.NONE : Link.parse(link);
    NodeSettings.Traits traits = new NodeSettings.Traits(capacity(), shaped, role, STORE_BYTES);
    return new NodeSettings(chosen, folder, membership, traits);
  }

  /** A command that soon ends leaves nothing behind. */
  private static Path home(NodeSettings.Role role, String name) {
    if (role == NodeSettings.Role.WORKER) {
      return Path.of(System.getProperty("user.home"), ".skein", name);
    }
    try {
      Path folder = Files.createTempDirectory("skein-" + name);
      Runtime.getRuntime()
          .addShutdownHook(Thread.ofPlatform().unstarted(() -> Folders.delete(folder)));
      return folder;
    } catch (IOException e) {
      throw new NodeException("cannot make a temporary folder: " + e.getMessage());
    }
  }

  static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "device";
    }
  }

  private Capacity capacity() {
    boolean emulated = slowdown != null || cpu != null;
    int cores = Runtime.getRuntime().availableProcessors();
    int used = emulated ? 1 : threads > 0 ? Math.min(threads, cores) : cores;
    Capacity capacity =
        new Capacity(used, slowdown == null ? 1 : slowdown, cpu == null ? 1 : cpu, modelBytes());
    if (cpu != null) {
      Cgroup.limitCpu(cpu);
    }
    return capacity;
  }

  private long modelBytes() {
    if (memory == null) {
      return new SystemInfo().getHardware().getMemory().getAvailable() / 2;
    }
    long bytes = Units.bytes("--memory", memory);
    if (bytes <= OWN_BYTES) {
      throw new UsageException(
          "--memory "
              + memory
              + " leaves nothing for models: a node itself takes "
              + (OWN_BYTES >> 20)
              + "m");
    }
    if (!Cgroup.limitMemory(bytes)) {
      System.err.println(
          "skein: the kernel did not take the memory limit (no writable cgroup); only models are held to it");
    }
    return bytes - OWN_BYTES;
  }
}
