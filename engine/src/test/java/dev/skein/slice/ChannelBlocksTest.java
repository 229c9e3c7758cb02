package dev.skein.slice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.rewrite.Scope;
import dev.skein.tensor.Difference;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ChannelBlocksTest {
  static Stream<Arguments> blocks() {
    List<Arguments> cases = new ArrayList<>();
    add(
        cases,
        "expand, depthwise, project",
        expand(13)
            .weight("lo")
            .weight("hi")
            .node("Clip", "a,lo,hi", "b")
            .weight("d", 6, 1, 3, 3)
            .weight("db", 6)
            .node("Conv", "b,d,db", "c", "group", 6, "pads", of(1, 1, 1, 1))
            .node("Relu", "c", "d1")
            .weight("p", 3, 6, 1, 1)
            .weight("pb", 3)
            .node("Conv", "d1,p,pb", "y"));
    add(
        cases,
        "two convolutions",
        expand(9).weight("p", 3, 6, 3, 3).node("Conv", "a,p", "y", "strides", of(2, 2)));
    add(
        cases,
        "batch normalisation, PRelu, pooling, constants for each channel",
        expand(13)
            .weight("s", 6)
            .weight("t", 6)
            .weight("m", 6)
            .weight("v", positive(6))
            .node("BatchNormalization", "a,s,t,m,v", "b")
            .weight("k", 6, 1, 1)
            .node("PRelu", "b,k", "c")
            .weight("q", 1, 6, 1, 1)
            .node("Mul", "q,c", "d")
            .node("MaxPool", "d", "e", "kernel_shape", of(2, 2))
            .node("Sub", "e,e", "f")
            .weight("p", 3, 6, 1, 1)
            .weight("pb", 3)
            .node("Conv", "f,p,pb", "y"));
    add(
        cases,
        "hard swish in parts",
        expand(13)
            .weight("three")
            .weight("lo")
            .weight("hi")
            .node("Add", "a,three", "b")
            .node("Clip", "b,lo,hi", "c")
            .node("Mul", "a,c", "d")
            .weight("p", 3, 6, 1, 1)
            .node("Conv", "d,p", "y"));
    add(
        cases,
        "global pooling and Gemm",
        expand(13)
            .node("Relu", "a", "b")
            .node("GlobalAveragePool", "b", "c")
            .node("Flatten", "c", "d")
            .weight("p", 3, 6)
            .weight("pb", 3)
            .node("Gemm", "d,p,pb", "y", "transB", 1));
    add(
        cases,
        "mean and MatMul",
        expand(13)
            .node("ReduceMean", "a", "d", "axes", of(2, -1), "keepdims", 0)
            .weight("p", 6, 3)
            .node("MatMul", "d,p", "y"));
    add(
        cases,
        "flattened image",
        expand(13)
            .node("Flatten", "a", "d")
            .weight("p", 6 * 8 * 7, 4)
            .weight("pb", 4)
            .node("Gemm", "d,p,pb", "y"));
    add(
        cases,
        "reshaped image, constant for each element",
        expand(13)
            .longs("shape", -1, 6 * 8 * 7)
            .node("Reshape", "a,shape", "d")
            .weight("k", 6 * 8 * 7)
            .node("Add", "d,k", "e")
            .weight("p", 6 * 8 * 7, 4)
            .node("MatMul", "e,p", "y"));
    add(
        cases,
        "padded image",
        expand(13)
            .longs("pads", 0, 0, 1, 2, 0, 0, 0, 1)
            .node("Pad", "a,pads", "b")
            .weight("p", 3, 6, 3, 3)
            .node("Conv", "b,p", "y"));
    add(
        cases,
        "feed-forward of a transformer",
        new Nets(13)
            .batch("x", 5, 4)
            .weight("w", 4, 8)
            .weight("wb", 8)
            .node("MatMul", "x,w", "a")
            .node("Add", "wb,a", "b")
            .weight("root")
            .node("Div", "b,root", "c")
            .node("Erf", "c", "d")
            .weight("one")
            .node("Add", "d,one", "e")
            .node("Mul", "b,e", "f")
            .weight("half")
            .node("Mul", "f,half", "g")
            .weight("p", 8, 4)
            .node("MatMul", "g,p", "y"));
    add(
        cases,
        "two Gemms of an old operator set",
        new Nets(9)
            .batch("x", 4)
            .weight("w", 4, 8)
            .weight("wb", 8)
            .node("Gemm", "x,w,wb", "a")
            .node("Relu", "a", "b")
            .weight("p", 8, 3)
            .weight("pb", 3)
            .node("Gemm", "b,p,pb", "y"));
    return cases.stream();
  }

  private static Nets expand(long opset) {
    return new Nets(opset)
        .batch("x", 4, 8, 7)
        .weight("w", 6, 4, 1, 1)
        .weight("wb", 6)
        .node("Conv", "x,w,wb", "a");
  }

  private static Tensor positive(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = 0.5f + i;
    }
    return Tensor.ofFloats(Shape.of(count), values);
  }

  private static long[] of(long... numbers) {
    return numbers;
  }

  private static void add(List<Arguments> cases, String name, Nets net) {
    cases.add(Arguments.of(name, net.model("y")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("blocks")
  void piecesOfABlockAddUp(String name, Model model) {
    List<Node> all = model.graph().nodes();
    List<ChannelBlock> blocks = ChannelBlocks.of(new Scope(model));
    assertThat(blocks).hasSize(1);
    assertThat(blocks.getFirst().nodes()).isEqualTo(all);
    assertThat(blocks.getFirst().producer()).isSameAs(all.getFirst());
    assertThat(blocks.getFirst().consumer()).isSameAs(all.getLast());
    for (long[] sizes :
        List.of(
            of(3, blocks.getFirst().channels() - 3), of(1, 2, blocks.getFirst().channels() - 3))) {
      Scope scope = new Scope(model);
      Slicing slicing = ChannelBlocks.of(scope).getFirst().slice(scope, sizes);
      assertThat(Nets.difference(model, slicing)).isLessThanOrEqualTo(Difference.TOLERANCE);
    }
  }

  static Stream<Arguments> mixed() {
    List<Arguments> cases = new ArrayList<>();
    mixed(
        cases,
        "an inner value is an output",
        expand(13).weight("p", 3, 6, 1, 1).node("Conv", "a,p", "y").node("Neg", "y", "z"));
    mixed(
        cases,
        "two layers read the channels",
        expand(13)
            .weight("p", 3, 6, 1, 1)
            .node("Conv", "a,p", "b")
            .node("Conv", "a,p", "c")
            .node("Add", "b,c", "z"));
    mixed(
        cases,
        "something from outside is added",
        new Nets(13)
            .batch("x", 6, 8, 7)
            .weight("w", 6, 6, 1, 1)
            .node("Conv", "x,w", "a")
            .node("Add", "a,x", "b")
            .weight("p", 3, 6, 1, 1)
            .node("Conv", "b,p", "z"));
    mixed(
        cases,
        "softmax over the channels",
        expand(13)
            .node("Softmax", "a", "b", "axis", 1)
            .weight("p", 3, 6, 1, 1)
            .node("Conv", "b,p", "z"));
    mixed(
        cases,
        "grouped consumer",
        expand(13).weight("p", 4, 3, 1, 1).node("Conv", "a,p", "z", "group", 2));
    return cases.stream();
  }

  private static void mixed(List<Arguments> cases, String name, Nets net) {
    cases.add(Arguments.of(name, name.contains("output") ? net.model("z", "a") : net.model("z")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("mixed")
  void leavesAloneWhatMixesChannels(String name, Model model) {
    assertThat(ChannelBlocks.of(new Scope(model))).isEmpty();
  }
}
