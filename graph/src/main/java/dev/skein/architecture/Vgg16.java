package dev.skein.architecture;

import dev.skein.graph.Model;
import java.util.Map;

/**
 * VGG-16 (Simonyan and Zisserman 2015, configuration D) with BatchNorm behind every convolution.
 * Two hidden layers of 4,096 before the classes; for small pictures one of 512.
 */
final class Vgg16 {
  private static final int[][] STAGES = {
    {64, 64}, {128, 128}, {256, 256, 256}, {512, 512, 512}, {512, 512, 512}
  };

  private Vgg16() {}

  static Model build(GraphBuilder network, Task task, Map<String, String> metadata) {
    GraphBuilder.Feature x = network.input(task.size());
    for (int stage = 0; stage < STAGES.length; stage++) {
      for (int layer = 0; layer < STAGES[stage].length; layer++) {
        String at = "stage%d.%d".formatted(stage + 1, layer);
        x = x.convolution(at + ".conv", Kernel.of(STAGES[stage][layer], 3, 1).biased());
        x = x.norm(at + ".bn").relu(at + ".relu");
      }
      x = x.maxPool("pool%d".formatted(stage + 1), 2, 2, 0);
    }
    GraphBuilder.Flat y = x.flatten("flatten");
    y = y.dense("fc1", task.small() ? 512 : 4096).relu("relu1");
    y = task.small() ? y : y.dense("fc2", 4096).relu("relu2");
    return network.model(y.dense(task.small() ? "fc2" : "fc3", task.classes()), metadata);
  }
}
