package dev.skein.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.infer.Pipeline;
import dev.skein.infer.Workload;
import dev.skein.member.HostPort;
import dev.skein.member.MemberOptions;
import dev.skein.node.Node;
import dev.skein.node.NodeSettings;
import dev.skein.plan.Goal;
import dev.skein.state.DeviceState;
import dev.skein.wire.DeviceReport;
import dev.skein.wire.Link;
import dev.skein.worker.Capacity;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** Three emulated devices as processes, a requester in this one, and home commands to ask. */
final class Emulation implements AutoCloseable {
  static final List<Emulated> DEVICES =
      List.of(
          new Emulated("a", 10, "384m", "200mbit,1ms"),
          new Emulated("b", 10, "384m", "200mbit,1ms"),
          new Emulated("c", 10, "384m", "200mbit,1ms"));
  static final List<String> NAMES = DEVICES.stream().map(Emulated::name).toList();

  /** For nodes to be noticed missing or back, on a machine that is busy with other work. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final int CONCURRENCY = 6;

  final Fleet fleet;
  final Node requester;
  final Task task = new HomeTask();
  final Reference reference = new Reference(task);
  final Workload workload;

  Emulation(Path home) {
    fleet = Fleet.start("test-" + UUID.randomUUID(), DEVICES);
    MemberOptions membership =
        new MemberOptions(
            fleet.swarm(), "127.0.0.1", 0, List.of(HostPort.parse(fleet.join())), false);
    NodeSettings.Traits traits =
        new NodeSettings.Traits(new Capacity(1, 1, 1, Long.MAX_VALUE), Link.NONE, false, 1L << 30);
    requester = Node.start(new NodeSettings("requester", home, membership, traits));
    workload = requester.survey(task.model(), task.inputs(0));
    awaitUsable(NAMES);
  }

  /** A pipeline over all three devices, in order. */
  Pipeline open() {
    requester.refresh();
    return Pipeline.open(
        requester.neighbours(), workload, new EvenSplit(NAMES), Goal.THROUGHPUT, node -> true);
  }

  List<String> names(Pipeline pipeline) {
    return pipeline.nodes().stream().map(fleet::nameOf).toList();
  }

  /**
   * Sends a stream of requests and runs each of the faults when its share of the answers is there.
   */
  RequestStream stream(Pipeline pipeline, int number, Runnable... faults) {
    AtomicInteger next = new AtomicInteger();
    return RequestStream.run(
        pipeline,
        task,
        number,
        CONCURRENCY,
        count -> {
          int due = next.get();
          if (due < faults.length
              && count >= number * (due + 1) / (faults.length + 1)
              && next.compareAndSet(due, due + 1)) {
            // Not on the requester's own thread: the stream goes on meanwhile.
            CompletableFuture.runAsync(faults[due]).join();
          }
        });
  }

  void assertAllRight(RequestStream stream, int number) {
    assertThat(stream.done()).hasSize(number);
    assertThat(stream.done()).extracting(RequestStream.Done::number).doesNotHaveDuplicates();
    assertThat(stream.done()).extracting(RequestStream.Done::failure).containsOnlyNulls();
    assertThat(reference.wrong(stream)).isZero();
  }

  /** Waits until the requester could plan for all of these. */
  void awaitUsable(List<String> devices) {
    eventually(
        devices + " usable",
        () -> {
          requester.refresh();
          return devices.stream().allMatch(this::isUsable);
        });
  }

  private boolean isUsable(String device) {
    DeviceState state = requester.neighbours().state().devices().get(fleet.id(device));
    return state != null && state.usable();
  }

  void awaitGone(String device) {
    String id = fleet.id(device);
    eventually(device + " gone", () -> !requester.members().containsKey(id));
  }

  /** How many deployments the device says it holds. */
  int deployments(String device) {
    return requester.refresh().stream()
        .filter(report -> report.node().equals(fleet.id(device)))
        .map(DeviceReport::deployments)
        .mapToInt(List::size)
        .findFirst()
        .orElseThrow(() -> new AssertionError(device + " does not answer"));
  }

  static void eventually(String told, BooleanSupplier condition) {
    eventually(told, PATIENCE, condition);
  }

  static void eventually(String told, Duration within, BooleanSupplier condition) {
    long end = System.nanoTime() + within.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("%s within %s", told, within).isLessThan(end);
      try {
        Thread.sleep(100);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** All three devices alive and answering again, and without work: every pipeline is closed. */
  void restore() {
    for (Emulated device : DEVICES) {
      if (fleet.handle(device.name()).isAlive()) {
        fleet.resume(device.name());
      } else {
        awaitGone(device.name());
        fleet.add(device);
      }
    }
    awaitUsable(NAMES);
    System.err.println("DBG " + requester.refresh());
    eventually("nothing deployed", () -> NAMES.stream().allMatch(name -> deployments(name) == 0));
  }

  @Override
  public void close() {
    requester.close();
    fleet.close();
  }
}
