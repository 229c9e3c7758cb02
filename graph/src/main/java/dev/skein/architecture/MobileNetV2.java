package dev.skein.architecture;

import dev.skein.graph.Model;
import java.util.Map;

/**
 * Inverted residuals (Sandler et al. 2018, table 2), width 1. For small pictures the stem and the
 * second stage have stride 1, the first block has its expansion too, and a 1×1 convolution stands
 * on the skip where a block of stride 1 changes the channels.
 */
final class MobileNetV2 {
  /** One stage: expansion, channels, blocks, stride of the first. */
  private record Stage(int expansion, int channels, int blocks, int stride) {}

  private static final Stage[] STAGES = {
    new Stage(1, 16, 1, 1),
    new Stage(6, 24, 2, 2),
    new Stage(6, 32, 3, 2),
    new Stage(6, 64, 4, 2),
    new Stage(6, 96, 3, 1),
    new Stage(6, 160, 3, 2),
    new Stage(6, 320, 1, 1),
  };

  private MobileNetV2() {}

  static Model build(GraphBuilder network, Task task, Map<String, String> metadata) {
    GraphBuilder.Feature x = network.input(task.size());
    x = x.convolution("stem.conv", Kernel.of(32, 3, task.small() ? 1 : 2));
    x = x.norm("stem.bn").relu6("stem.relu6");
    int number = 0;
    for (Stage stage : STAGES) {
      boolean early = task.small() && stage.channels() == 24;
      for (int block = 0; block < stage.blocks(); block++) {
        int stride = block == 0 && !early ? stage.stride() : 1;
        x = block(x, "blocks." + number++, stage, stride, task.small());
      }
    }
    x = x.convolution("head.conv", Kernel.of(1280, 1, 1)).norm("head.bn").relu6("head.relu6");
    return network.model(
        x.globalAverage("pool").flatten("flatten").dense("classifier", task.classes()), metadata);
  }

  private static GraphBuilder.Feature block(
      GraphBuilder.Feature x, String at, Stage stage, int stride, boolean small) {
    int width = x.channels() * stage.expansion();
    GraphBuilder.Feature y = x;
    if (stage.expansion() > 1 || small) {
      y = y.convolution(at + ".expand", Kernel.of(width, 1, 1)).norm(at + ".expand_bn");
      y = y.relu6(at + ".expand_relu6");
    }
    y = y.convolution(at + ".depthwise", Kernel.depthwise(width, stride));
    y = y.norm(at + ".depthwise_bn").relu6(at + ".depthwise_relu6");
    y = y.convolution(at + ".project", Kernel.of(stage.channels(), 1, 1)).norm(at + ".project_bn");
    if (stride == 1 && x.channels() == stage.channels()) {
      return y.plus(x, at + ".add");
    }
    if (stride == 1 && small) {
      GraphBuilder.Feature skip =
          x.convolution(at + ".skip", Kernel.of(stage.channels(), 1, 1)).norm(at + ".skip_bn");
      return y.plus(skip, at + ".add");
    }
    return y;
  }
}
