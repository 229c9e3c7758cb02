package dev.skein.cli;

import dev.skein.demo.Demo;
import dev.skein.demo.DemoReport;
import dev.skein.demo.Emulated;
import dev.skein.demo.FileTask;
import dev.skein.demo.Fleet;
import dev.skein.demo.HomeTask;
import dev.skein.demo.Task;
import dev.skein.member.HostPort;
import dev.skein.member.MemberOptions;
import dev.skein.node.Node;
import dev.skein.node.NodeSettings;
import dev.skein.wire.Link;
import dev.skein.worker.Capacity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The main job on this machine alone: emulated devices, a real model, real input, one fault. */
@Command(
    name = "demo",
    description =
        "Runs a model on four emulated devices: each alone, as a pipeline, and while one is killed.",
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  private static final List<Emulated> DEVICES =
      List.of(
          new Emulated("kitchen", 30, "384m", "100mbit,1ms"),
          new Emulated("hall", 36, "320m", "100mbit,1ms"),
          new Emulated("bedroom", 45, "320m", "50mbit,2ms"),
          new Emulated("garage", 60, "256m", "50mbit,2ms"));

  @Option(names = "--once", description = "end after one round, without waiting for Enter")
  private boolean once;

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  @Option(
      names = "--vision",
      description = "classify photos with MobileNetV2 from SKEIN_DATA or 'skein data get'")
  private boolean vision;

  @Option(names = "--model", paramLabel = "MODEL", description = ModelSource.DESCRIPTION)
  private @Nullable String model;

  @Option(
      names = "--input",
      arity = "1..*",
      paramLabel = "FILE",
      description = "what to feed to --model: images, .npy files, random:SEED")
  private List<String> inputs = List.of();

  @Mixin private RecipeOptions recipe = new RecipeOptions();

  @Override
  public Integer call() throws IOException {
    Task task = task();
    String swarm = "demo-" + ProcessHandle.current().pid();
    say("starting four emulated devices as processes");
    Path home = Files.createTempDirectory("skein-demo");
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> Folders.delete(home)));
    DemoReport report;
    try (Fleet fleet = Fleet.start(swarm, DEVICES);
        Node requester = Node.start(requester(swarm, home, fleet.join()))) {
      report = new Demo(fleet, requester, task, this::say).run(DEVICES);
      print(report, task);
      if (!once && !json) {
        linger(fleet);
      }
    } finally {
      Folders.delete(home);
    }
    return report.ok() ? 0 : 1;
  }

  /** What is left of the swarm stays up for a look at it from another terminal. */
  private static void linger(Fleet fleet) throws IOException {
    System.out.println();
    System.out.println(
        "the swarm is still up; from another terminal: skein swarm ls --no-multicast --bind 127.0.0.1"
            + " --swarm-name "
            + fleet.swarm()
            + " --join "
            + fleet.join());
    System.out.println("press Enter to end it");
    int _ = System.in.read();
  }

  private Task task() {
    if (model != null) {
      if (inputs.isEmpty()) {
        throw new UsageException("--model needs --input: images, .npy files or random:SEED");
      }
      return FileTask.of(ModelSource.read(model), inputs, recipe.preprocess(), recipe.labels());
    }
    if (!inputs.isEmpty()) {
      throw new UsageException("--input belongs to --model");
    }
    return vision ? FileTask.photos() : new HomeTask();
  }

  private static NodeSettings requester(String swarm, Path home, String join) {
    MemberOptions membership =
        new MemberOptions(swarm, "127.0.0.1", 0, List.of(HostPort.parse(join)), false);
    Capacity capacity = new Capacity(1, 1, 1, Long.MAX_VALUE);
    return new NodeSettings(
        "requester",
        home,
        membership,
        new NodeSettings.Traits(capacity, Link.NONE, false, 1L << 30));
  }

  private void say(String what) {
    System.err.println("demo: " + what);
  }

  private void print(DemoReport report, Task task) {
    if (json) {
      System.out.println(Json.line(report));
      return;
    }
    System.out.println();
    System.out.println(report.model() + ", asked: \"" + task.question(0) + "\"");
    System.out.println();
    Table table =
        new Table(
            "mode", "devices", "p50 ms", "p95 ms", "requests/s", "moved", "answer", "difference");
    for (DemoReport.Run run : report.runs()) {
      table.row(
          run.mode(),
          String.join(" > ", run.devices()),
          run.latencyMsP50(),
          run.latencyMsP95(),
          run.throughputPerS(),
          Units.text((double) run.bytesMoved()),
          run.answer(),
          "%.1e".formatted(run.maxDiff()));
    }
    System.out.print(table);
    System.out.println();
    for (DemoReport.Fault fault : report.faults()) {
      System.out.printf(
          "%s of %s in a stream of %d requests: %d lost, %d wrong, going on after %.0f ms%n",
          fault.kind(),
          fault.device(),
          fault.requests(),
          fault.lostRequests(),
          fault.wrongResults(),
          fault.recoveryMs());
    }
    System.out.println(report.ok() ? "ok" : "NOT ok");
  }
}
