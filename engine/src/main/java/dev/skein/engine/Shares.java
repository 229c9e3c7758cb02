package dev.skein.engine;

import dev.skein.graph.Graph;
import java.util.Arrays;
import java.util.Map;

/** Shares the times of an optimised model's kernels out among the nodes of the graph. */
final class Shares {
  // Below this the names of the kernels tell too little.
  private static final double LEAST_KNOWN = 0.5;
  private static final double LEAST_MILLIS = 1e-3;

  private final Graph graph;
  private final KernelNames names;
  // By node: the node whose kernel does its work; -1 if unknown.
  private final int[] kernel;
  private final boolean[] reachesBack;
  // By node: the first node that reads it; -1 if none does.
  private final int[] consumers;

  Shares(Graph graph, KernelNames names) {
    this.graph = graph;
    this.names = names;
    this.kernel = new int[graph.nodes().size()];
    this.reachesBack = new boolean[kernel.length];
    this.consumers = new int[kernel.length];
    Arrays.fill(consumers, -1);
    for (int node = kernel.length - 1; node >= 0; node--) {
      for (String input : graph.nodes().get(node).reads()) {
        int producer = names.producers().getOrDefault(input, -1);
        if (producer >= 0) {
          consumers[producer] = node;
        }
      }
    }
  }

  /**
   * @param fast milliseconds by kernel of the optimised model
   * @param written milliseconds by kernel of the model as written
   * @return milliseconds by node
   */
  double[] of(Map<String, Double> fast, Map<String, Double> written) {
    double[] slow = new double[kernel.length];
    perNode(written, slow);
    double[] known = new double[kernel.length];
    double unknown = perNode(fast, known);
    double sum = Arrays.stream(known).sum();
    if (sum < LEAST_KNOWN * (sum + unknown)) {
      return slow;
    }
    group(known);
    double[] weights = new double[kernel.length];
    for (int node = 0; node < kernel.length; node++) {
      if (kernel[node] >= 0) {
        weights[kernel[node]] += weight(slow[node]);
      }
    }
    double[] shares = new double[kernel.length];
    for (int node = 0; node < kernel.length; node++) {
      int of = kernel[node];
      shares[node] = of < 0 ? 0 : known[of] * weight(slow[node]) / weights[of];
    }
    return shares;
  }

  // Clocks tick in microseconds: nothing is quite free.
  private static double weight(double slowMillis) {
    return Math.max(slowMillis, LEAST_MILLIS);
  }

  private double perNode(Map<String, Double> kernels, double[] millis) {
    double unknown = 0;
    for (Map.Entry<String, Double> entry : kernels.entrySet()) {
      int node = names.node(entry.getKey());
      if (node >= 0 && node < millis.length) {
        millis[node] += Math.max(entry.getValue(), LEAST_MILLIS);
        reachesBack[node] = KernelNames.isNamedAfterOutput(entry.getKey());
      } else {
        unknown += entry.getValue();
      }
    }
    return unknown;
  }

  private void group(double[] known) {
    for (int node = 0; node < kernel.length; node++) {
      kernel[node] = known[node] > 0 ? node : -1;
    }
    // A kernel named after an output stands for the nodes just before that output as well.
    for (int node = kernel.length - 1; node >= 0; node--) {
      int consumer = consumers[node];
      if (kernel[node] < 0 && consumer >= 0 && reachesBack(kernel[consumer])) {
        kernel[node] = kernel[consumer];
      }
    }
    // Otherwise fusion goes forward: an activation into its convolution, a sum into its last part.
    for (int node = 0; node < kernel.length; node++) {
      int producer = producer(node);
      if (kernel[node] < 0 && producer >= 0) {
        kernel[node] = kernel[producer];
      }
    }
    for (int node = kernel.length - 1; node >= 0; node--) {
      int consumer = consumers[node];
      if (kernel[node] < 0 && consumer >= 0) {
        kernel[node] = kernel[consumer];
      }
    }
  }

  private boolean reachesBack(int of) {
    return of >= 0 && reachesBack[of];
  }

  private int producer(int node) {
    int last = -1;
    for (String input : graph.nodes().get(node).reads()) {
      last = Math.max(last, names.producers().getOrDefault(input, -1));
    }
    return last;
  }
}
