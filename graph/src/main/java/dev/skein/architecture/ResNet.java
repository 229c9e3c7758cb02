package dev.skein.architecture;

import dev.skein.graph.Model;
import java.util.Map;

/**
 * Residual networks (He et al. 2016, table 1). Bottlenecks reduce the map in their 3×3 convolution,
 * as all current implementations do. Small pictures get a 3×3 stem of stride 1 and no max-pooling.
 */
final class ResNet {
  private final int[] blocks;
  private final boolean bottlenecks;

  private ResNet(boolean bottlenecks, int... blocks) {
    this.bottlenecks = bottlenecks;
    this.blocks = blocks;
  }

  static ResNet basic(int... blocks) {
    return new ResNet(false, blocks);
  }

  static ResNet bottlenecks(int... blocks) {
    return new ResNet(true, blocks);
  }

  Model build(GraphBuilder network, Task task, Map<String, String> metadata) {
    GraphBuilder.Feature x = network.input(task.size());
    x = x.convolution("conv1", task.small() ? Kernel.of(64, 3, 1) : Kernel.of(64, 7, 2));
    x = x.norm("bn1").relu("relu");
    x = task.small() ? x : x.maxPool("maxpool", 3, 2, 1);
    for (int stage = 0; stage < blocks.length; stage++) {
      for (int block = 0; block < blocks[stage]; block++) {
        String label = "layer%d.%d".formatted(stage + 1, block);
        x = block(x, label, 64 << stage, stage > 0 && block == 0 ? 2 : 1);
      }
    }
    return network.model(
        x.globalAverage("avgpool").flatten("flatten").dense("fc", task.classes()), metadata);
  }

  private GraphBuilder.Feature block(GraphBuilder.Feature x, String at, int width, int stride) {
    int filters = bottlenecks ? 4 * width : width;
    GraphBuilder.Feature y =
        bottlenecks ? bottleneck(x, at, width, stride) : twoLayers(x, at, width, stride);
    boolean fits = stride == 1 && x.channels() == filters;
    GraphBuilder.Feature shortcut =
        fits
            ? x
            : x.convolution(at + ".downsample.0", Kernel.of(filters, 1, stride))
                .norm(at + ".downsample.1");
    return y.plus(shortcut, at + ".add").relu(at + ".relu");
  }

  private static GraphBuilder.Feature twoLayers(
      GraphBuilder.Feature x, String at, int width, int stride) {
    return x.convolution(at + ".conv1", Kernel.of(width, 3, stride))
        .norm(at + ".bn1")
        .relu(at + ".relu1")
        .convolution(at + ".conv2", Kernel.of(width, 3, 1))
        .norm(at + ".bn2");
  }

  private static GraphBuilder.Feature bottleneck(
      GraphBuilder.Feature x, String at, int width, int stride) {
    return x.convolution(at + ".conv1", Kernel.of(width, 1, 1))
        .norm(at + ".bn1")
        .relu(at + ".relu1")
        .convolution(at + ".conv2", Kernel.of(width, 3, stride))
        .norm(at + ".bn2")
        .relu(at + ".relu2")
        .convolution(at + ".conv3", Kernel.of(4 * width, 1, 1))
        .norm(at + ".bn3");
  }
}
