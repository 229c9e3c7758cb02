package dev.skein.slice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.rewrite.Scope;
import dev.skein.tensor.Difference;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of layer, every axis: pieces give what the whole gives, apart and in one graph. */
class SlicerTest {
  private static final Axis OUT = Axis.OUTPUT_CHANNELS;
  private static final Axis IN = Axis.INPUT_CHANNELS;
  private static final Axis ROWS = Axis.ROWS;

  static Stream<Arguments> layers() {
    List<Arguments> cases = new ArrayList<>();
    for (long opset : new long[] {9, 12, 13, 18}) {
      add(cases, "conv, opset " + opset, conv(opset), OUT, IN, ROWS);
    }
    add(cases, "conv without bias, uneven padding", wide(), OUT, IN, ROWS);
    add(
        cases,
        "conv with dilation",
        image()
            .weight("w", 5, 4, 3, 3)
            .node("Conv", "x,w", "y", "dilations", of(2, 1), "pads", of(2, 1, 2, 1)),
        OUT,
        IN,
        ROWS);
    for (String auto : List.of("SAME_UPPER", "SAME_LOWER", "VALID")) {
      add(
          cases,
          "conv, " + auto,
          image()
              .weight("w", 5, 4, 4, 3)
              .node("Conv", "x,w", "y", "auto_pad", auto, "strides", of(2, 1)),
          OUT,
          IN,
          ROWS);
    }
    add(
        cases,
        "conv, stride above kernel",
        image().weight("w", 5, 4, 1, 1).node("Conv", "x,w", "y", "strides", of(3, 3)),
        OUT,
        IN,
        ROWS);
    add(
        cases,
        "grouped conv",
        image()
            .weight("w", 6, 2, 3, 3)
            .weight("b", 6)
            .node("Conv", "x,w,b", "y", "group", 2, "pads", of(1, 1, 1, 1)),
        OUT,
        ROWS);
    add(
        cases,
        "depthwise conv",
        image()
            .weight("w", 4, 1, 3, 3)
            .weight("b", 4)
            .node("Conv", "x,w,b", "y", "group", 4, "pads", of(1, 1, 1, 1)),
        OUT,
        ROWS);
    add(
        cases,
        "depthwise conv, multiplier 2",
        image().weight("w", 8, 1, 3, 3).node("Conv", "x,w", "y", "group", 4, "strides", of(2, 2)),
        OUT,
        ROWS);
    add(
        cases,
        "1-D conv",
        net()
            .batch("x", 4, 20)
            .weight("w", 6, 4, 5)
            .weight("b", 6)
            .node("Conv", "x,w,b", "y", "pads", of(2, 2)),
        OUT,
        IN,
        ROWS);
    add(
        cases,
        "3-D conv",
        net()
            .batch("x", 3, 7, 6, 5)
            .weight("w", 4, 3, 3, 3, 3)
            .node("Conv", "x,w", "y", "pads", of(1, 0, 1, 1, 0, 1)),
        OUT,
        IN,
        ROWS);
    for (int a = 0; a < 2; a++) {
      for (int b = 0; b < 2; b++) {
        for (long[] c : new long[][] {{6}, {1}, {5, 1}, {5, 6}, {1, 6}, {}}) {
          add(
              cases,
              "Gemm %d%d, addend %d axes %d".formatted(a, b, c.length, c.length == 0 ? 0 : c[0]),
              gemm(13, a, b)
                  .weight("c", c)
                  .node(
                      "Gemm", "x,w,c", "y", "transA", a, "transB", b, "alpha", 1.5f, "beta", 0.5f),
              OUT,
              IN,
              ROWS);
        }
      }
    }
    add(
        cases,
        "Gemm of an old operator set",
        gemm(9, 0, 0).weight("c", 6).node("Gemm", "x,w,c", "y"),
        OUT,
        IN,
        ROWS);
    add(
        cases,
        "Gemm without addend",
        gemm(13, 0, 1).node("Gemm", "x,w", "y", "transB", 1),
        OUT,
        IN,
        ROWS);
    add(cases, "MatMul of rank 2", gemm(13, 0, 0).node("MatMul", "x,w", "y"), OUT, IN, ROWS);
    add(
        cases,
        "MatMul of rank 4",
        net().batch("x", 3, 5, 8).weight("w", 8, 6).node("MatMul", "x,w", "y"),
        OUT,
        IN,
        ROWS);
    add(
        cases,
        "MatMul of a vector",
        net().input("x", 8).weight("w", 8, 6).node("MatMul", "x,w", "y"),
        OUT,
        IN);
    return cases.stream();
  }

  private static Nets net() {
    return new Nets(13);
  }

  private static Nets image() {
    return net().batch("x", 4, 11, 9);
  }

  private static Nets conv(long opset) {
    return new Nets(opset)
        .batch("x", 4, 11, 9)
        .weight("w", 6, 4, 3, 3)
        .weight("b", 6)
        .node("Conv", "x,w,b", "y", "pads", of(1, 1, 1, 1), "strides", of(2, 2));
  }

  private static Nets wide() {
    return image().weight("w", 7, 4, 5, 3).node("Conv", "x,w", "y", "pads", of(3, 0, 1, 2));
  }

  private static Nets gemm(long opset, int a, int b) {
    return new Nets(opset)
        .input("x", a == 0 ? of(5, 8) : of(8, 5))
        .weight("w", b == 0 ? of(8, 6) : of(6, 8));
  }

  private static long[] of(long... numbers) {
    return numbers;
  }

  private static void add(List<Arguments> cases, String name, Nets net, Axis... axes) {
    cases.add(Arguments.of(name, net.model("y"), List.of(axes)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("layers")
  void piecesGiveTheWhole(String name, Model model, List<Axis> axes) {
    Node node = model.graph().nodes().getFirst();
    assertThat(Slicer.axes(new Scope(model), node)).isEqualTo(axes);
    for (Axis axis : axes) {
      for (int pieces : new int[] {1, 2, 3}) {
        Scope scope = new Scope(model);
        if (pieces > Slicer.units(scope, node, axis)) {
          continue;
        }
        Slicing slicing = Slicer.slice(scope, node, axis, pieces).orElseThrow();
        assertThat(slicing.pieces()).hasSize(pieces);
        assertThat(Nets.difference(model, slicing))
            .as("%s in %d", axis, pieces)
            .isLessThanOrEqualTo(Difference.TOLERANCE);
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("layers")
  void unevenPiecesGiveTheWhole(String name, Model model, List<Axis> axes) {
    Node node = model.graph().nodes().getFirst();
    for (Axis axis : axes) {
      Scope scope = new Scope(model);
      long units = Slicer.units(scope, node, axis);
      long[] sizes = Shares.proportional(units, 1, 3);
      Slicer.slice(scope, node, axis, sizes)
          .ifPresent(slicing ->
              assertThat(Nets.difference(model, slicing))
                  .as("%s in %s", axis, sizes)
                  .isLessThanOrEqualTo(Difference.TOLERANCE));
    }
  }

  @Test
  void layersThatShareAWeightAreSlicedEachForItself() {
    Model model =
        image()
            .weight("w", 4, 4, 3, 3)
            .node("Conv", "x,w", "a")
            .node("Conv", "a,w", "y")
            .model("y");
    Slicing first = sliced(model, "a", 1, 3);
    Slicing second = sliced(model, "y", 2, 2);
    Graph graph = Slicer.inGraph(new Scope(model), first).apply(model.graph());
    graph = Slicer.inGraph(new Scope(model.with(graph)), second).apply(graph);
    Map<String, Tensor> inputs = Nets.noise(model, 2);
    assertThat(Difference.of(Nets.run(model, inputs), Nets.run(model.with(graph), inputs)))
        .isLessThanOrEqualTo(Difference.TOLERANCE);
    assertThat(graph.weights()).hasSize(6).doesNotContainKey("w");
  }

  private static Slicing sliced(Model model, String value, long... sizes) {
    Scope scope = new Scope(model);
    return Slicer.slice(scope, Nets.maker(scope, value), IN, sizes).orElseThrow();
  }
}
