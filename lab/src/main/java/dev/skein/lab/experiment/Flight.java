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
import dev.skein.node.NodeSettings;
import dev.skein.plan.ExactPlanner;
import dev.skein.plan.Goal;
import dev.skein.tensor.Difference;
import dev.skein.wire.Link;
import dev.skein.worker.Capacity;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * MobileNetV2 on three emulated devices with 20 Mbit/s links, asked for by one of them: how well
 * the exact planner predicts, and whether its choice is ever slower than the best device alone.
 */
public final class Flight implements Experiment {
  private static final String LINK = "20mbit,2ms";
  private static final double PREDICTION_TOLERANCE = 0.20;
  private static final double SLOWER_TOLERANCE = 0.05;

  /** The requester's slowdown, and those of the two others: weak asker, equals, strong asker. */
  private static final List<List<Double>> CASES =
      List.of(List.of(60.0, 6.0, 12.0), List.of(12.0, 12.0, 12.0), List.of(6.0, 12.0, 24.0));

  @Override
  public String name() {
    return "flight";
  }

  @Override
  public String shows() {
    return "MobileNetV2 on three emulated devices at 20 Mbit/s: prediction, and the best device alone";
  }

  @Override
  public Result run(boolean quick, PrintStream out) throws Exception {
    FileTask task =
        FileTask.of(
            Models.model("mobilenetv2_1.0_224.onnx"),
            List.of(Models.data().resolve("data/photos/cat_720p.jpg").toString()),
            null,
            null);
    Reference reference = new Reference(task);
    int requests = quick ? 15 : 60;
    Table table =
        new Table("slowdowns", "way", "stages", "predicted ms", "p50 ms", "error", "difference");
    List<Map<String, Object>> rows = new ArrayList<>();
    double worstError = 0;
    double worstRatio = 0;
    double worstDifference = 0;
    for (List<Double> slowdowns : CASES) {
      out.println("devices with slowdowns " + slowdowns);
      List<Way> ways = measure(task, reference, slowdowns, requests);
      Way chosen = ways.getFirst();
      double best =
          ways.stream().skip(1).mapToDouble(Way::p50).min().orElse(Double.POSITIVE_INFINITY);
      worstError = Math.max(worstError, Math.abs(chosen.error()));
      worstRatio = Math.max(worstRatio, chosen.p50() / best);
      for (Way way : ways) {
        worstDifference = Math.max(worstDifference, way.difference());
        table.row(
            slowdowns,
            way.name(),
            way.stages(),
            way.predicted(),
            way.p50(),
            "%+.1f %%".formatted(100 * way.error()),
            "%.1e".formatted(way.difference()));
        rows.add(
            Map.of(
                "slowdowns", slowdowns,
                "way", way.name(),
                "stages", way.stages(),
                "predicted_ms", way.predicted(),
                "latency_ms_p50", way.p50(),
                "difference", way.difference()));
      }
    }
    out.print(table);
    return new Result(
        rows,
        List.of(
            new Claim(
                "error of the chosen plan's predicted latency",
                PREDICTION_TOLERANCE,
                worstError,
                worstError <= PREDICTION_TOLERANCE),
            new Claim(
                "latency over that of the best single device",
                1 + SLOWER_TOLERANCE,
                worstRatio,
                worstRatio <= 1 + SLOWER_TOLERANCE),
            new Claim(
                "greatest difference from the plain result",
                Difference.TOLERANCE,
                worstDifference,
                worstDifference <= Difference.TOLERANCE)));
  }

  private record Way(String name, String stages, double predicted, double p50, double difference) {
    double error() {
      return predicted / p50 - 1;
    }
  }

  /** The planner's choice first, then each device alone. */
  private static List<Way> measure(
      FileTask task, Reference reference, List<Double> slowdowns, int requests) throws Exception {
    List<Emulated> others =
        List.of(
            new Emulated("second", slowdowns.get(1), "512m", LINK),
            new Emulated("third", slowdowns.get(2), "512m", LINK));
    NodeSettings.Traits traits =
        new NodeSettings.Traits(
            new Capacity(1, slowdowns.getFirst(), 1, 256L << 20), Link.parse(LINK), true, 1L << 30);
    try (TestSwarm swarm = TestSwarm.start(others, traits)) {
      Node node = swarm.requester();
      Workload workload = node.survey(task.model(), task.inputs(0));
      List<Way> ways = new ArrayList<>();
      ways.add(way("auto", node, workload, task, reference, any -> true, requests));
      ways.add(
          way("requester alone", node, workload, task, reference, node.id()::equals, requests));
      for (Emulated other : others) {
        String id = swarm.fleet().id(other.name());
        ways.add(
            way(other.name() + " alone", node, workload, task, reference, id::equals, requests));
      }
      return ways;
    }
  }

  private static Way way(
      String name,
      Node node,
      Workload workload,
      FileTask task,
      Reference reference,
      Predicate<String> eligible,
      int requests) {
    node.refresh();
    try (Pipeline pipeline =
        Pipeline.open(node.neighbours(), workload, new ExactPlanner(), Goal.LATENCY, eligible)) {
      RequestStream.run(pipeline, task, 3, 1, count -> {});
      RequestStream stream = RequestStream.run(pipeline, task, requests, 1, count -> {});
      double difference = reference.worst(stream);
      String stages = String.join(" > ", pipeline.nodes().stream().map(node::name).toList());
      return new Way(
          name, stages, pipeline.plan().latencyMillis(), stream.latencyMillis(0.5), difference);
    }
  }
}
