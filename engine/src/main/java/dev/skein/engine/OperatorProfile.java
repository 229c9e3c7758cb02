package dev.skein.engine;

import dev.skein.graph.Model;
import dev.skein.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What each node of a model costs on this machine.
 *
 * <p>ONNX Runtime is fast because it fuses nodes and changes memory layouts, so the nodes of the
 * graph do not run as such; run as written, a depthwise convolution may take seven times as long.
 * Times are therefore taken from the optimised model: a fused kernel's time is shared out among the
 * nodes that it stands for, in proportion to their times in the model as written; kernels that
 * stand for no node (changes of layout) are spread over all. The sum is the measured time of the
 * optimised model.
 */
public final class OperatorProfile {
  private static final Duration WHOLE = Duration.ofMillis(400);
  private static final Duration EACH = Duration.ofMillis(500);
  private static final Duration DEADLINE = Duration.ofMinutes(10);

  private OperatorProfile() {}

  /**
   * @param node index in the graph's nodes
   * @param millis of one thread's CPU, median
   */
  public record NodeTime(int node, double millis) {}

  /**
   * Measures on one thread, for about two seconds at most (longer only if a single run takes that
   * long).
   *
   * @param runs how often at most
   * @return one time for each node, in graph order
   * @throws EngineException if the model cannot be opened or fails on these inputs
   */
  public static List<NodeTime> measure(Model model, Map<String, Tensor> inputs, int runs) {
    if (runs < 1) {
      throw new EngineException("runs is " + runs + ", but must be at least 1");
    }
    return CpuTime.onPlatformThread(
        "measuring model '" + model.graph().name() + "'",
        DEADLINE,
        () -> onThisThread(model, inputs, runs));
  }

  private static List<NodeTime> onThisThread(Model model, Map<String, Tensor> inputs, int runs) {
    SessionOptions optimised = SessionOptions.defaults();
    double total = total(model, optimised, inputs, runs);
    KernelNames names = KernelNames.of(model);
    ProfiledRun.Limit limit = new ProfiledRun.Limit(runs, EACH);
    Map<String, Double> fast = ProfiledRun.kernelMillis(names.model(), optimised, inputs, limit);
    Map<String, Double> written =
        ProfiledRun.kernelMillis(names.model(), optimised.with(Optimization.NONE), inputs, limit);
    double[] millis = new Shares(model.graph(), names).of(fast, written);
    double sum = Arrays.stream(millis).sum();
    List<NodeTime> times = new ArrayList<>(millis.length);
    for (int node = 0; node < millis.length; node++) {
      times.add(new NodeTime(node, sum > 0 ? millis[node] * total / sum : total / millis.length));
    }
    return List.copyOf(times);
  }

  private static double total(
      Model model, SessionOptions options, Map<String, Tensor> inputs, int runs) {
    try (Session session = Session.open(model, options)) {
      session.warmUp(inputs, 2);
      double[] millis = new double[runs];
      long start = System.nanoTime();
      int done = 0;
      while (done < 1 || (done < runs && System.nanoTime() - start < WHOLE.toNanos())) {
        long before = CpuTime.nanos();
        session.run(inputs);
        millis[done++] = (CpuTime.nanos() - before) / 1e6;
      }
      return ProfiledRun.median(Arrays.copyOf(millis, done));
    }
  }
}
