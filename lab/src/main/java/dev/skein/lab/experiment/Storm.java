package dev.skein.lab.experiment;

import dev.skein.cli.Experiment;
import dev.skein.cli.Table;
import dev.skein.demo.Emulated;
import dev.skein.demo.FileTask;
import dev.skein.demo.Reference;
import dev.skein.demo.RequestStream;
import dev.skein.infer.Pipeline;
import dev.skein.infer.Workload;
import dev.skein.node.Node;
import dev.skein.plan.ExactPlanner;
import dev.skein.plan.Goal;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A stream of requests over four devices, of which one is killed and another stopped in mid-stream.
 */
public final class Storm implements Experiment {
  private static final List<Emulated> DEVICES =
      List.of(
          new Emulated("a", 6, "512m", "100mbit,1ms"),
          new Emulated("b", 6, "512m", "100mbit,1ms"),
          new Emulated("c", 6, "512m", "100mbit,1ms"),
          new Emulated("d", 6, "512m", "100mbit,1ms"));

  @Override
  public String name() {
    return "storm";
  }

  @Override
  public String shows() {
    return "500 requests over four devices, one killed and one stopped on the way: all answered";
  }

  @Override
  public Result run(boolean quick, PrintStream out) throws Exception {
    int requests = quick ? 150 : 500;
    FileTask task =
        FileTask.of(
            Models.model("cifar10_resnet56.onnx"),
            List.of("random:1", "random:2", "random:3", "random:4", "random:5"),
            null,
            null);
    Reference reference = new Reference(task);
    try (TestSwarm swarm = TestSwarm.start(DEVICES, TestSwarm.onlyAsking())) {
      Node node = swarm.requester();
      Workload workload = node.survey(task.model(), task.inputs(0));
      node.refresh();
      try (Pipeline pipeline =
          Pipeline.open(
              node.neighbours(), workload, new ExactPlanner(), Goal.THROUGHPUT, any -> true)) {
        List<String> first = pipeline.nodes().stream().map(swarm.fleet()::nameOf).toList();
        out.println("plan: " + String.join(" > ", first));
        Map<String, Long> faults = new ConcurrentHashMap<>();
        RequestStream stream =
            RequestStream.run(
                pipeline,
                task,
                requests,
                pipeline.window(),
                count -> strike(count, requests, swarm, pipeline, faults));
        List<String> last = pipeline.nodes().stream().map(swarm.fleet()::nameOf).toList();
        out.println("plan at the end: " + String.join(" > ", last));
        return result(stream, reference, faults, out);
      }
    }
  }

  /** A third of the way in, a node of the plan is killed; at two thirds, another is stopped. */
  private static void strike(
      int count, int requests, TestSwarm swarm, Pipeline pipeline, Map<String, Long> faults) {
    List<String> nodes = pipeline.nodes();
    String victim = swarm.fleet().nameOf(nodes.getLast());
    if (count == requests / 3) {
      faults.put("kill -9 of " + victim, System.nanoTime());
      swarm.fleet().kill(victim);
    } else if (count == 2 * requests / 3) {
      faults.put("kill -STOP of " + victim, System.nanoTime());
      swarm.fleet().pause(victim);
    }
  }

  private static Result result(
      RequestStream stream, Reference reference, Map<String, Long> faults, PrintStream out) {
    long wrong = reference.wrong(stream);
    Table table = new Table("fault", "recovery ms");
    List<Map<String, Object>> rows = new ArrayList<>();
    faults.forEach((fault, nanos) -> {
      double recovery = stream.recoveryMillis(nanos);
      table.row(fault, recovery);
      rows.add(Map.of("fault", fault, "recovery_ms", recovery));
    });
    out.print(table);
    long survived =
        faults.values().stream().filter(nanos -> stream.recoveryMillis(nanos) > 0).count();
    out.printf(
        "%d requests: %d lost, %d wrong, %.1f a second%n",
        stream.done().size(), stream.lost(), wrong, stream.perSecond());
    stream.done().stream()
        .filter(one -> one.failure() != null)
        .limit(3)
        .forEach(one -> out.println("request " + one.number() + ": " + one.failure()));
    return new Result(
        rows,
        List.of(
            new Claim("faults survived by a new plan", 2, survived, survived == 2),
            new Claim("lost requests", 0, stream.lost(), stream.lost() == 0),
            new Claim("wrong answers", 0, wrong, wrong == 0)));
  }
}
