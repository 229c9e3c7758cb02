package dev.skein.slice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.engine.RealModels;
import dev.skein.graph.Cuts;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Segment;
import dev.skein.graph.Value;
import dev.skein.rewrite.Scope;
import dev.skein.tensor.Difference;
import dev.skein.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Some layers of real models; all of them are tried by {@code skein lab slices}. */
class RealSlicesTest {
  private static Map<String, Tensor> values(Model model) {
    Map<String, Tensor> inputs = RealModels.inputs(model, 1);
    Graph graph = model.graph();
    List<Value> all =
        graph.nodes().stream()
            .flatMap(node -> node.makes().stream())
            .map(value -> Value.of(value, null))
            .toList();
    Graph open =
        new Graph(
            graph.name(),
            graph.inputs(),
            all,
            graph.nodes(),
            graph.weights(),
            graph.annotations(),
            graph.rest());
    Map<String, Tensor> values = new HashMap<>(Nets.run(model.with(open), inputs));
    values.putAll(inputs);
    return values;
  }

  private static double difference(Slicing slicing, Map<String, Tensor> values) {
    return Difference.of(
        Map.of(slicing.output(), values.get(slicing.output())),
        Map.of(slicing.output(), Nets.merged(slicing, values)));
  }

  @Test
  void integersAreExact() {
    Model model = Nets.annotated(RealModels.read("shufflenet-v2-12-int8.onnx"));
    Scope scope = new Scope(model);
    Map<String, Tensor> values = values(model);
    int tried = 0;
    for (Node node : scope.nodes()) {
      for (Axis axis : Slicer.axes(scope, node)) {
        assertThat(node.op()).isEqualTo("QLinearConv");
        assertThat(axis).isNotEqualTo(Axis.INPUT_CHANNELS);
        Slicing slicing = Slicer.slice(scope, node, axis, 2).orElseThrow();
        assertThat(difference(slicing, values)).as(node.label() + " " + axis).isZero();
        tried++;
      }
    }
    assertThat(tried).isEqualTo(2 * 56);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny_kws_dscnn.onnx", "tiny_cifar10_resnet8.onnx"})
  void everySlicingOfASmallModel(String name) {
    Model model = Nets.annotated(RealModels.read(name));
    Scope scope = new Scope(model);
    Map<String, Tensor> values = values(model);
    for (Node node : scope.nodes()) {
      for (Axis axis : Slicer.axes(scope, node)) {
        check(Slicer.slice(scope, node, axis, 3), values);
      }
      ChannelChain.of(scope, node).ifPresent(chain -> check(chain.slice(scope, 2), values));
    }
    for (ChannelBlock block : ChannelBlocks.of(scope)) {
      check(block.slice(scope, 3), values);
    }
    for (Segment segment : RowTiles.segments(scope)) {
      check(RowTiles.of(scope, segment, 4), values);
    }
  }

  private static void check(Optional<Slicing> slicing, Map<String, Tensor> values) {
    slicing.ifPresent(found ->
        assertThat(difference(found, values))
            .as("%s of %s", found.axis(), found.nodes().getFirst().label())
            .isLessThanOrEqualTo(Difference.TOLERANCE));
  }

  /** Expand to project is one block, and the front of the net one tile. */
  @Test
  void findsTheBlocksOfMobileNet() {
    Model model = Nets.annotated(RealModels.read("mobilenetv2_1.0_224.onnx"));
    Scope scope = new Scope(model);
    List<ChannelBlock> blocks = ChannelBlocks.of(scope);
    assertThat(blocks)
        .extracting(block -> block.nodes().stream().map(Node::op).toList())
        .filteredOn(List.of("Conv", "Clip", "Conv", "Clip", "Conv")::equals)
        .hasSize(17);
    assertThat(blocks.getLast().nodes())
        .extracting(Node::op)
        .containsExactly("Conv", "Clip", "GlobalAveragePool", "Conv");
    assertThat(RowTiles.segments(scope)).hasSize(1);
    assertThat(RowTiles.rows(scope, RowTiles.segments(scope).getFirst())).isEqualTo(7);
    assertThat(RowTiles.segments(scope).getFirst().from())
        .isEqualTo(Cuts.of(model.graph(), 1).getFirst());
  }

  @Test
  void whatLeavesChannelsApartGoesAlong() {
    Model model = Nets.annotated(RealModels.read("mobilenetv2_1.0_224.onnx"));
    Scope scope = new Scope(model);
    ChannelChain chain = ChannelChain.of(scope, scope.nodes().getFirst()).orElseThrow();
    assertThat(chain.nodes()).extracting(Node::op).containsExactly("Conv", "Clip", "Conv", "Clip");
    Map<String, Tensor> values = values(model);
    check(chain.slice(scope, 3), values);
    check(chain.slice(scope, new long[] {1, 20, 11}), values);
  }
}
