package dev.skein.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.engine.RealModels;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Weight;
import dev.skein.rewrite.Scope;
import dev.skein.slice.ChannelBlock;
import dev.skein.slice.ChannelBlocks;
import dev.skein.slice.Nets;
import dev.skein.tensor.Difference;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PruneChannelsTest {
  /** Filters' norms are 1, 8, 2 and 4 by channel; the second layer has all weights 1. */
  private static Model known() {
    return new Nets(13)
        .batch("x", 2, 3, 3)
        .weight("w", Tensor.ofFloats(Shape.of(4, 2, 1, 1), 1, 0, 4, -4, 1, 1, -2, 2))
        .weight("b", Tensor.ofFloats(Shape.of(4), 10, 20, 30, 40))
        .node("Conv", "x,w,b", "a")
        .node("Relu", "a", "c")
        .weight("p", 3, 4, 1, 1)
        .node("Conv", "c,p", "y")
        .model("y");
  }

  @Test
  void removesTheChannelsOfLeastNorm() {
    Compressed half = new PruneChannels(0.5).compress(known());
    assertThat(half.changes()).containsExactly(new Compressed.Pruned("a", 4, List.of(0L, 2L)));
    Node producer = half.model().graph().nodes().getFirst();
    assertThat(floats(half.model(), producer.inputs().get(1))).containsExactly(4, -4, -2, 2);
    assertThat(floats(half.model(), producer.inputs().get(2))).containsExactly(20, 40);
    assertThat(half.model().graph().weights()).hasSize(3).doesNotContainKeys("w", "b", "p");
  }

  private static float[] floats(Model model, String weight) {
    return ((Weight.Held) model.graph().weights().get(weight)).tensor().toFloats();
  }

  @Test
  void keepsAMultiple() {
    PruneChannels prune = new PruneChannels(0.3, 8);
    assertThat(Stream.of(4L, 16L, 24L, 96L, 100L).map(prune::kept))
        .containsExactly(4L, 16L, 24L, 72L, 72L);
    assertThat(new PruneChannels(0.3).kept(96)).isEqualTo(68);
  }

  @Test
  void refusesSharesThatLeaveNothing() {
    assertThatThrownBy(() -> new PruneChannels(1)).hasMessageContaining("1.0");
    assertThatThrownBy(() -> new PruneChannels(-0.1)).hasMessageContaining("-0.1");
    assertThatThrownBy(() -> new PruneChannels(Double.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> new PruneChannels(0.5, 0)).hasMessageContaining("0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mobilenetv2_cifar10.onnx", "cifar10_resnet20.onnx", "mobilenetv2_1.0_224.onnx",
        "squeezenet1.1.onnx", "shufflenet_v2_x1.0.onnx", "tiny_anomaly_autoencoder.onnx"
      })
  void nothingRemovedChangesNothing(String name) {
    Model model = Nets.annotated(RealModels.read(name));
    Compressed same = new PruneChannels(0).compress(model);
    assertThat(same.changes()).isEmpty();
    assertThat(same.model().graph()).isEqualTo(model.graph());
  }

  static Stream<Arguments> pruned() {
    return Stream.of(
            "mobilenetv2_cifar10.onnx",
            "cifar10_resnet20.onnx",
            "mobilenetv2_1.0_224.onnx",
            "squeezenet1.1.onnx",
            "shufflenet_v2_x1.0.onnx",
            "tiny_anomaly_autoencoder.onnx",
            "tiny_kws_dscnn.onnx")
        .flatMap(name ->
            Stream.of(
                Arguments.of(name, new PruneChannels(0.3)),
                Arguments.of(name, new PruneChannels(0.5, 8))));
  }

  /** The oracle: the original, its consumers blind to the channels that are gone. */
  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("pruned")
  void prunedIsTheOriginalWithoutThoseChannels(String name, PruneChannels prune) {
    Model model = Nets.annotated(RealModels.read(name));
    Compressed small = prune.compress(model);
    Map<String, Tensor> inputs = Nets.noise(model, 1);
    assertThat(
            Difference.of(
                Nets.run(blinded(model, small.changes()), inputs), Nets.run(small.model(), inputs)))
        .isLessThanOrEqualTo(Difference.TOLERANCE);
    assertThat(parameters(small.model())).isEqualTo(expected(model, small.changes()));
  }

  private static Model blinded(Model model, List<Compressed.Change> changes) {
    Scope scope = new Scope(model);
    Map<String, Weight> weights = new LinkedHashMap<>(model.graph().weights());
    for (Compressed.Change change : changes) {
      Compressed.Pruned pruned = (Compressed.Pruned) change;
      Node producer = Nets.maker(scope, pruned.value());
      ChannelBlock block = ChannelBlocks.of(scope, producer).orElseThrow();
      String name = block.consumer().inputs().get(1);
      Tensor weight = ((Weight.Held) weights.get(name)).tensor();
      boolean transposed =
          block.consumer().op().equals("Conv")
              || block.consumer().attributes().containsKey("transB");
      weights.put(name, new Weight.Held(zeroed(weight, transposed ? 1 : 0, pruned)));
    }
    return model.with(model.graph().withWeights(weights));
  }

  private static Tensor zeroed(Tensor weight, int axis, Compressed.Pruned pruned) {
    Set<Long> removed = Set.copyOf(pruned.removed());
    float[] values = weight.toFloats();
    long inner = 1;
    for (int i = axis + 1; i < weight.shape().rank(); i++) {
      inner *= weight.shape().dim(i);
    }
    for (int i = 0; i < values.length; i++) {
      long channel = i / inner % weight.shape().dim(axis);
      if (removed.contains(channel)) {
        values[i] = 0;
      }
    }
    return Tensor.ofFloats(weight.shape(), values);
  }

  /** Each weight of a block shrinks with every axis that has pruned channels. */
  private static long expected(Model model, List<Compressed.Change> changes) {
    Scope scope = new Scope(model);
    Map<String, Double> scale = new HashMap<>();
    for (Compressed.Change change : changes) {
      Compressed.Pruned pruned = (Compressed.Pruned) change;
      double left = 1 - (double) pruned.removed().size() / pruned.channels();
      ChannelBlock block = ChannelBlocks.of(scope, Nets.maker(scope, pruned.value())).orElseThrow();
      for (Node node : block.nodes()) {
        boolean last = node.equals(block.consumer());
        for (int i = 1; i < node.inputs().size(); i++) {
          String input = node.inputs().get(i);
          Tensor constant = scope.constant(input);
          boolean own =
              constant != null
                  && constant.shape().elements() > 1
                  && !(last && i > 1)
                  && constant.type() == ElementType.FLOAT;
          if (own) {
            scale.merge(input, left, (a, b) -> a * b);
          }
        }
      }
    }
    double sum = 0;
    for (Map.Entry<String, Weight> entry : model.graph().weights().entrySet()) {
      long elements = ((Weight.Held) entry.getValue()).tensor().shape().elements();
      sum += elements * scale.getOrDefault(entry.getKey(), 1.0);
    }
    return Math.round(sum);
  }

  private static long parameters(Model model) {
    return model.graph().weights().values().stream()
        .mapToLong(weight -> ((Weight.Held) weight).tensor().shape().elements())
        .sum();
  }
}
