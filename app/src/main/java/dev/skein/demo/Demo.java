package dev.skein.demo;

import dev.skein.infer.Pipeline;
import dev.skein.infer.Workload;
import dev.skein.node.Node;
import dev.skein.plan.ExactPlanner;
import dev.skein.plan.Goal;
import dev.skein.tensor.Difference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Runs a task on a fleet in every mode, kills a device half-way through a stream, goes on, and
 * compares every answer with the plain model's.
 */
public final class Demo {
  private static final int SINGLE_REQUESTS = 15;
  private static final int STREAM_REQUESTS = 40;
  private static final int FAULT_REQUESTS = 80;

  private final Fleet fleet;
  private final Node requester;
  private final Task task;
  private final Reference reference;
  private final Workload workload;
  private final Consumer<String> progress;

  /**
   * @param requester a node in the fleet's swarm that computes nothing itself
   * @param progress told in a few words what comes next
   */
  public Demo(Fleet fleet, Node requester, Task task, Consumer<String> progress) {
    this.fleet = fleet;
    this.requester = requester;
    this.task = task;
    this.progress = progress;
    progress.accept("measuring the model");
    this.reference = new Reference(task);
    this.workload = requester.survey(task.model(), task.inputs(longestRequest()));
  }

  public DemoReport run(List<Emulated> devices) {
    progress.accept("measuring devices and links");
    requester.refresh();
    List<DemoReport.Run> runs = new ArrayList<>();
    for (Emulated device : devices) {
      String id = fleet.id(device.name());
      progress.accept("local: " + device.name() + " alone");
      runs.add(run("local", Goal.LATENCY, id::equals));
      requester.refresh();
    }
    progress.accept("pipeline over the swarm");
    runs.add(run("pipeline", Goal.THROUGHPUT, node -> true));
    requester.refresh();
    DemoReport.Fault fault = killHalfWay();
    boolean ok =
        fault.lostRequests() == 0
            && fault.wrongResults() == 0
            && runs.stream().allMatch(run -> run.maxDiff() <= Difference.TOLERANCE);
    return new DemoReport(
        task.modelName(),
        devices.stream().map(Demo::row).toList(),
        List.copyOf(runs),
        List.of(fault),
        ok);
  }

  private DemoReport.Run run(String mode, Goal goal, Predicate<String> eligible) {
    try (Pipeline pipeline =
        Pipeline.open(requester.neighbours(), workload, new ExactPlanner(), goal, eligible)) {
      RequestStream warmUp = RequestStream.run(pipeline, task, 3, 1, count -> {});
      RequestStream single = RequestStream.run(pipeline, task, SINGLE_REQUESTS, 1, count -> {});
      RequestStream stream =
          RequestStream.run(pipeline, task, STREAM_REQUESTS, pipeline.window(), count -> {});
      RequestStream.Done first = warmUp.done().getFirst();
      return new DemoReport.Run(
          mode,
          pipeline.nodes().stream().map(fleet::nameOf).toList(),
          single.latencyMillis(0.5),
          single.latencyMillis(0.95),
          stream.perSecond(),
          stream.bytesMoved(),
          words(first),
          Math.max(reference.worst(single), reference.worst(stream)));
    }
  }

  private DemoReport.Fault killHalfWay() {
    try (Pipeline pipeline =
        Pipeline.open(
            requester.neighbours(), workload, new ExactPlanner(), Goal.THROUGHPUT, node -> true)) {
      List<String> nodes = pipeline.nodes();
      String victim = fleet.nameOf(nodes.get(nodes.size() / 2));
      progress.accept("pipeline again, and half-way " + victim + " is killed");
      AtomicLong killed = new AtomicLong();
      RequestStream stream =
          RequestStream.run(
              pipeline,
              task,
              FAULT_REQUESTS,
              pipeline.window(),
              count -> {
                if (count == FAULT_REQUESTS / 2) {
                  killed.set(System.nanoTime());
                  fleet.kill(victim);
                }
              });
      return new DemoReport.Fault(
          "kill -9",
          victim,
          FAULT_REQUESTS,
          stream.lost(),
          reference.wrong(stream),
          stream.recoveryMillis(killed.get()));
    }
  }

  private String words(RequestStream.Done done) {
    return done.answer() == null
        ? "no answer: " + done.failure()
        : task.answer(done.request(), done.answer().outputs());
  }

  private int longestRequest() {
    int longest = 0;
    for (int request = 1; request < task.size(); request++) {
      if (bytes(request) > bytes(longest)) {
        longest = request;
      }
    }
    return longest;
  }

  private long bytes(int request) {
    return task.inputs(request).values().stream().mapToLong(tensor -> tensor.bytes()).sum();
  }

  private static DemoReport.Device row(Emulated device) {
    return new DemoReport.Device(
        device.name(), "1/" + device.slowdown() + " core", device.memory(), device.link());
  }
}
