package dev.skein.slice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.graph.Cut;
import dev.skein.graph.Cuts;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Segment;
import dev.skein.rewrite.Scope;
import dev.skein.tensor.Difference;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RowTilesTest {
  static Stream<Arguments> chains() {
    List<Arguments> cases = new ArrayList<>();
    for (long opset : new long[] {9, 13, 18}) {
      add(
          cases,
          "convolutions, opset " + opset,
          5,
          image(opset)
              .weight("w", 5, 3, 3, 3)
              .node("Conv", "x,w", "a", "pads", of(1, 1, 1, 1), "strides", of(2, 2))
              .node("Relu", "a", "b")
              .weight("v", 4, 5, 3, 3)
              .node("Conv", "b,v", "c", "pads", of(2, 1, 2, 1), "dilations", of(2, 1))
              .weight("u", 4, 4, 1, 1)
              .node("Conv", "c,u", "y"));
      add(
          cases,
          "residual block, opset " + opset,
          4,
          image(opset)
              .weight("w", 3, 3, 3, 3)
              .node("Conv", "x,w", "a", "pads", of(1, 1, 1, 1))
              .node("Relu", "a", "b")
              .weight("v", 3, 3, 3, 3)
              .node("Conv", "b,v", "c", "pads", of(1, 1, 1, 1))
              .node("Add", "c,x", "d")
              .node("Relu", "d", "y"));
    }
    add(
        cases,
        "branches, joined channels",
        4,
        image(13)
            .weight("w", 2, 3, 3, 3)
            .node("Conv", "x,w", "a", "pads", of(1, 1, 1, 1))
            .weight("v", 4, 3, 1, 1)
            .node("Conv", "x,v", "b")
            .node("Concat", "a,b", "c", "axis", 1)
            .node("Split", "c", "d,e", "axis", 1)
            .weight("k", 3, 1, 5, 5)
            .node("Conv", "d,k", "f", "group", 3, "pads", of(2, 2, 2, 2))
            .node("Mul", "f,e", "y"));
    add(
        cases,
        "pools",
        3,
        image(13)
            .node(
                "MaxPool",
                "x",
                "a",
                "kernel_shape",
                of(3, 3),
                "pads",
                of(1, 1, 1, 1),
                "strides",
                of(2, 2))
            .node("AveragePool", "a", "b", "kernel_shape", of(3, 3), "pads", of(1, 1, 1, 1))
            .node(
                "AveragePool",
                "b",
                "y",
                "kernel_shape",
                of(2, 2),
                "count_include_pad",
                1,
                "pads",
                of(1, 0, 0, 0)));
    for (String pool : List.of("MaxPool", "AveragePool")) {
      add(
          cases,
          pool + " with a last window that hangs over",
          3,
          image(13)
              .node(
                  pool,
                  "x",
                  "y",
                  "kernel_shape",
                  of(3, 3),
                  "strides",
                  of(2, 2),
                  "ceil_mode",
                  1,
                  "pads",
                  of(1, 1, 0, 0)));
    }
    add(
        cases,
        "numbers for each row and for each channel",
        5,
        image(13)
            .weight("r", 3, 12, 1)
            .node("Add", "x,r", "a")
            .weight("q", 12, 1)
            .node("Mul", "q,a", "b")
            .weight("c", 3, 1, 1)
            .node("Sub", "b,c", "c1")
            .weight("w", 2, 3, 3, 1)
            .node("Conv", "c1,w", "y"));
    for (long opset : new long[] {9, 13}) {
      add(
          cases,
          "computed numbers for each row, opset " + opset,
          5,
          image(opset)
              .weight("w", 3, 3, 3, 3)
              .node("Conv", "x,w", "a", "pads", of(1, 1, 1, 1))
              .weight("r", 3, 12, 1)
              .node("Neg", "r", "n")
              .node("Add", "a,n", "b")
              .weight("c", 3, 1, 1)
              .node("Neg", "c", "m")
              .node("Mul", "m,b", "y"));
    }
    add(
        cases,
        "numbers for each place of a sequence, normalised",
        4,
        new Nets(13)
            .batch("x", 12, 12)
            .weight("s", 12)
            .weight("r", 12)
            .node("Add", "x,r", "a")
            .weight("v", Tensor.ofFloats(Shape.of(12), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12))
            .node("BatchNormalization", "a,s,r,s,v", "y"));
    add(
        cases,
        "coordinates as channels",
        5,
        new Nets(13)
            .input("x", 2, 3, 12, 9)
            .weight("w", 3, 3, 3, 3)
            .node("Conv", "x,w", "a", "pads", of(1, 1, 1, 1))
            .weight("m", 2, 2, 12, 9)
            .weight("k", 2, 1, 12, 9)
            .node("Exp", "k", "e")
            .node("Concat", "a,m,e", "b", "axis", 1)
            .weight("v", 4, 6, 3, 3)
            .node("Conv", "b,v", "y"));
    add(
        cases,
        "padding that follows the size",
        3,
        image(13)
            .weight("w", 3, 3, 4, 3)
            .node("Conv", "x,w", "a", "auto_pad", "SAME_LOWER", "strides", of(2, 2))
            .node("MaxPool", "a", "y", "kernel_shape", of(3, 3), "auto_pad", "SAME_UPPER"));
    add(
        cases,
        "constants computed on the way",
        3,
        image(13)
            .weight("raw", 2, 3, 3, 3)
            .node("Neg", "raw", "w")
            .node("Conv", "x,w", "y", "kernel_shape", of(3, 3)));
    add(
        cases,
        "sequence",
        6,
        new Nets(13)
            .batch("x", 3, 20)
            .weight("w", 4, 3, 5)
            .node("Conv", "x,w", "a", "pads", of(2, 2), "strides", of(2))
            .node("Relu", "a", "b")
            .weight("v", 4, 4, 3)
            .node("Conv", "b,v", "y", "pads", of(1, 1)));
    return cases.stream();
  }

  private static Nets image(long opset) {
    return new Nets(opset).batch("x", 3, 12, 9);
  }

  private static long[] of(long... numbers) {
    return numbers;
  }

  private static void add(List<Arguments> cases, String name, int most, Nets net) {
    cases.add(Arguments.of(name, net.model("y"), most));
  }

  private static Segment whole(Model model) {
    List<Cut> cuts = Cuts.of(model.graph(), 1);
    return new Segment(cuts.getFirst(), cuts.getLast());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("chains")
  void tilesGiveTheWhole(String name, Model model, int most) {
    for (int pieces = 1; pieces <= most; pieces++) {
      Slicing slicing = RowTiles.of(new Scope(model), whole(model), pieces).orElseThrow();
      assertThat(Nets.difference(model, slicing))
          .as("%d tiles", pieces)
          .isLessThanOrEqualTo(Difference.TOLERANCE);
    }
    long rows = RowTiles.rows(new Scope(model), whole(model));
    Slicing uneven = RowTiles.of(new Scope(model), whole(model), of(1, rows - 2, 1)).orElseThrow();
    assertThat(Nets.difference(model, uneven)).isLessThanOrEqualTo(Difference.TOLERANCE);
  }

  @Test
  void computedConstantsOfUnknownSizeAreRefused() {
    Model model =
        image(13).weight("r", 3, 12, 1).node("Neg", "r", "n").node("Add", "x,n", "y").model("y");
    Graph graph = model.graph();
    Model untyped =
        model.with(
            new Graph(
                graph.name(),
                graph.inputs(),
                graph.outputs(),
                graph.nodes(),
                graph.weights(),
                List.of(),
                graph.rest()));
    assertThat(RowTiles.rows(new Scope(model), whole(model))).isEqualTo(12);
    assertThat(RowTiles.rows(new Scope(untyped), whole(untyped))).isZero();
  }

  static Stream<Arguments> mixed() {
    List<Arguments> cases = new ArrayList<>();
    add(cases, "global pooling", 0, image(13).node("GlobalAveragePool", "x", "y"));
    add(cases, "softmax of old", 0, image(12).node("Softmax", "x", "y", "axis", 1));
    add(cases, "softmax over rows", 0, new Nets(13).batch("x", 3, 20).node("Softmax", "x", "y"));
    add(
        cases,
        "table of more axes",
        0,
        new Nets(13).batch("x", 12, 12, 9).weight("t", 2, 1, 1, 12, 1).node("Add", "x,t", "y"));
    add(
        cases,
        "filters that the caller gives",
        0,
        new Nets(13)
            .input("x", 4, 3, 3, 3)
            .weight("m", 2, 3, 3, 9)
            .node("Conv", "m,x", "y", "pads", of(1, 1, 1, 1)));
    add(cases, "join of rows", 0, image(13).node("Concat", "x,x", "y", "axis", 2));
    add(cases, "reshape", 0, image(13).longs("s", 0, -1, 12, 9).node("Reshape", "x,s", "y"));
    add(
        cases,
        "hanging windows that count padding",
        0,
        image(13)
            .node(
                "AveragePool",
                "x",
                "y",
                "kernel_shape",
                of(3, 3),
                "strides",
                of(2, 2),
                "ceil_mode",
                1,
                "count_include_pad",
                1));
    add(
        cases,
        "numbers from a table of another shape",
        0,
        new Nets(13).batch("x", 3, 12, 9).input("t", 12, 9).node("Add", "x,t", "y"));
    return cases.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("mixed")
  void leavesAloneWhatMixesRows(String name, Model model, int none) {
    assertThat(RowTiles.rows(new Scope(model), whole(model))).isEqualTo(none);
    assertThat(RowTiles.of(new Scope(model), whole(model), 2)).isEmpty();
  }
}
