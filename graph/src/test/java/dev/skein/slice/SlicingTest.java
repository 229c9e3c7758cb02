package dev.skein.slice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.graph.Attribute;
import dev.skein.graph.Dim;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Opaque;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.graph.Weight;
import dev.skein.rewrite.Scope;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What pieces are made of; that they compute the right thing is tested where models can run. */
class SlicingTest {
  private static Tensor counting(long... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[(int) shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    return Tensor.ofFloats(shape, values);
  }

  private static Model model(Node node, Value input, Map<String, Tensor> weights) {
    Map<String, Weight> held = new LinkedHashMap<>();
    weights.forEach((name, tensor) -> held.put(name, new Weight.Held(tensor)));
    Graph graph =
        new Graph(
            "net",
            List.of(input),
            List.of(Value.of("y", null)),
            List.of(node),
            held,
            List.of(),
            Opaque.NONE);
    return new Model(graph, 8, Map.of("", 13L), Map.of(), Opaque.NONE);
  }

  private static Value image(long channels) {
    List<Dim> dims = List.of(Dim.named("N"), Dim.of(channels), Dim.of(8), Dim.of(8));
    return Value.of("x", new TensorType(ElementType.FLOAT, dims));
  }

  private static Model conv(long groups) {
    return model(
        Node.of("Conv", List.of("x", "w", "b"), List.of("y"))
            .with("group", new Attribute.OfInt(groups)),
        image(4),
        Map.of("w", counting(6, 4 / groups, 3, 3), "b", counting(6)));
  }

  private static Slicing slice(Model model, Axis axis, long... sizes) {
    Scope scope = new Scope(model);
    return Slicer.slice(scope, model.graph().nodes().getFirst(), axis, sizes).orElseThrow();
  }

  private static List<Tensor> weights(Piece piece) {
    return piece.model().graph().weights().values().stream()
        .map(weight -> ((Weight.Held) weight).tensor())
        .toList();
  }

  @Test
  void outputChannelsAreViewsOfTheWholeWeight() {
    Model model = conv(1);
    Tensor whole = ((Weight.Held) model.graph().weights().get("w")).tensor();
    Slicing slicing = slice(model, Axis.OUTPUT_CHANNELS, 2, 4);
    assertThat(slicing.merge()).isEqualTo(new Merge.Concat(1));
    Tensor second = weights(slicing.pieces().get(1)).getFirst();
    assertThat(second.shape()).isEqualTo(Shape.of(4, 4, 3, 3));
    assertThat(second.data().address()).isEqualTo(whole.data().address() + 2 * 36 * 4);
    assertThat(slicing.pieces()).allMatch(piece -> piece.inputs().isEmpty());
  }

  @Test
  void onePartialSumHasTheBias() {
    Slicing slicing = slice(conv(1), Axis.INPUT_CHANNELS, 1, 2, 1);
    assertThat(slicing.merge()).isEqualTo(new Merge.Sum());
    assertThat(slicing.pieces())
        .extracting(piece -> piece.model().graph().nodes().getFirst().inputs().size())
        .containsExactly(3, 2, 2);
    assertThat(slicing.pieces().get(1).inputs()).isEqualTo(Map.of("x", new Region(1, 1, 3)));
    assertThat(weights(slicing.pieces().get(2)))
        .extracting(Tensor::shape)
        .containsExactly(Shape.of(6, 1, 3, 3));
  }

  @Test
  void aPieceSaysWhatItReadsAndMakes() {
    Graph piece = slice(conv(2), Axis.OUTPUT_CHANNELS, 3, 3).pieces().get(1).model().graph();
    assertThat(piece.inputs())
        .extracting(value -> String.valueOf(value.type()))
        .containsExactly("float[Nx2x8x8]");
    assertThat(piece.nodes().getFirst().attributes())
        .containsEntry("group", new Attribute.OfInt(1));
  }

  @Test
  void rowsNeedAHaloAndPaddingAtTheBordersOnly() {
    Node node =
        Node.of("Conv", List.of("x", "w"), List.of("y"))
            .with("pads", new Attribute.OfInts(List.of(1L, 1L, 1L, 1L)));
    Slicing slicing =
        slice(model(node, image(4), Map.of("w", counting(6, 4, 3, 3))), Axis.ROWS, 3, 3, 2);
    assertThat(slicing.merge()).isEqualTo(new Merge.Concat(2));
    assertThat(slicing.pieces())
        .extracting(piece -> piece.inputs().get("x"))
        .containsExactly(new Region(2, 0, 4), new Region(2, 2, 7), new Region(2, 5, 8));
    assertThat(slicing.pieces())
        .extracting(piece -> piece.model().graph().nodes().getFirst().attributes().get("pads"))
        .containsExactly(
            new Attribute.OfInts(List.of(1L, 1L, 0L, 1L)),
            new Attribute.OfInts(List.of(0L, 1L, 0L, 1L)),
            new Attribute.OfInts(List.of(0L, 1L, 1L, 1L)));
  }

  @Test
  void groupsStayWhole() {
    Model model = conv(2);
    Scope scope = new Scope(model);
    Node node = model.graph().nodes().getFirst();
    assertThat(Slicer.slice(scope, node, Axis.OUTPUT_CHANNELS, new long[] {2, 4})).isEmpty();
    assertThat(Slicer.slice(scope, node, Axis.OUTPUT_CHANNELS, new long[] {2, 1, 3})).isPresent();
    assertThat(slice(model, Axis.OUTPUT_CHANNELS, 1, 2, 3).pieces())
        .extracting(piece -> piece.inputs().get("x"))
        .containsExactly(new Region(1, 0, 2), new Region(1, 0, 2), new Region(1, 2, 4));
    assertThat(Slicer.axes(scope, node)).containsExactly(Axis.OUTPUT_CHANNELS, Axis.ROWS);
  }

  @Test
  void morePiecesThanGroupsCutEachGroup() {
    Model model = conv(2);
    Scope scope = new Scope(model);
    Node node = model.graph().nodes().getFirst();
    for (int pieces : new int[] {1, 2, 3, 4, 5, 6}) {
      assertThat(Slicer.slice(scope, node, Axis.OUTPUT_CHANNELS, pieces).orElseThrow().pieces())
          .hasSize(pieces);
    }
    assertThat(Slicer.slice(scope, node, Axis.OUTPUT_CHANNELS, 7)).isEmpty();
    assertThat(Slicer.slice(scope, node, Axis.OUTPUT_CHANNELS, 0)).isEmpty();
  }

  @Test
  void unknownSizesAreNoRows() {
    TensorType open = TensorType.ofRank(ElementType.FLOAT, 4);
    Model model =
        model(
            Node.of("Conv", List.of("x", "w"), List.of("y")),
            Value.of("x", open),
            Map.of("w", counting(6, 4, 3, 3)));
    assertThat(Slicer.axes(new Scope(model), model.graph().nodes().getFirst()))
        .containsExactly(Axis.OUTPUT_CHANNELS, Axis.INPUT_CHANNELS);
  }

  @Test
  void rowsOfPaddingOnlyAreNoPiece() {
    Node node =
        Node.of("Conv", List.of("x", "w"), List.of("y"))
            .with("pads", new Attribute.OfInts(List.of(4L, 0L, 0L, 0L)));
    Model model = model(node, image(4), Map.of("w", counting(6, 4, 1, 1)));
    assertThat(Slicer.slice(new Scope(model), node, Axis.ROWS, new long[] {3, 9})).isEmpty();
    assertThat(Slicer.slice(new Scope(model), node, Axis.ROWS, new long[] {5, 7})).isPresent();
  }

  @Test
  void leavesOtherNodesAlone() {
    Model relu = model(Node.of("Relu", List.of("x"), List.of("y")), image(4), Map.of());
    assertThat(Slicer.axes(new Scope(relu), relu.graph().nodes().getFirst())).isEmpty();
    Model free = model(Node.of("Conv", List.of("x", "x"), List.of("y")), image(4), Map.of());
    assertThat(Slicer.axes(new Scope(free), free.graph().nodes().getFirst())).isEmpty();
    Node foreign =
        new Node("", "Conv", "com.example", List.of("x", "w"), List.of("y"), Map.of(), Opaque.NONE);
    Model other = model(foreign, image(4), Map.of("w", counting(6, 4, 1, 1)));
    assertThat(Slicer.axes(new Scope(other), foreign)).isEmpty();
  }

  @Test
  void sizesMustAddUp() {
    for (long[] sizes : new long[][] {{1, 2}, {6, 1}, {0, 6}, {7, -1}, {Long.MAX_VALUE, 7}, {}}) {
      assertThatThrownBy(() -> slice(conv(1), Axis.OUTPUT_CHANNELS, sizes))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("do not add up to 6");
    }
  }

  @Test
  void inOneGraphTheWholeWeightIsGone() {
    Model model = conv(1);
    Scope scope = new Scope(model);
    Slicing slicing = slice(model, Axis.INPUT_CHANNELS, 3, 1);
    Graph sliced = Slicer.inGraph(scope, slicing).apply(model.graph());
    assertThat(sliced.nodes()).extracting(Node::op).containsExactly("Split", "Conv", "Conv", "Sum");
    assertThat(sliced.weights()).containsKey("b").doesNotContainKey("w");
    assertThatThrownBy(() -> Slicer.inGraph(new Scope(model.with(sliced)), slicing))
        .hasMessageContaining("no longer in the graph");
  }

  @Test
  void sharesAreExactOnAverage() {
    assertThat(Shares.equal(10, 3)).containsExactly(4, 3, 3);
    assertThat(Shares.proportional(10, 1, 1, 3)).containsExactly(2, 2, 6);
    assertThat(Shares.proportional(3, 1000, 1, 1)).containsExactly(1, 1, 1);
    assertThat(Shares.proportional(100, 0.5, 0.25, 0.25)).containsExactly(50, 25, 25);
    for (int units = 3; units < 60; units++) {
      long[] sizes = Shares.proportional(units, 1, 2.5, 7);
      assertThat(IntStream.range(0, 3).mapToLong(i -> sizes[i]).sum()).isEqualTo(units);
      assertThat(sizes).doesNotContain(0).isSorted();
    }
    assertThatThrownBy(() -> Shares.proportional(2, 1, 1, 1)).hasMessageContaining("3 pieces");
    assertThatThrownBy(() -> Shares.proportional(9, 1, 0)).hasMessageContaining("0.0");
    assertThatThrownBy(() -> Shares.equal(9, 0)).hasMessageContaining("0 pieces");
  }

  @Test
  void partsOfTensors() {
    Tensor tensor = counting(2, 3, 2);
    assertThat(TensorParts.range(tensor, 0, 1, 2).toFloats()).containsExactly(6, 7, 8, 9, 10, 11);
    assertThat(TensorParts.range(tensor, 1, 1, 3).toFloats())
        .containsExactly(2, 3, 4, 5, 8, 9, 10, 11);
    assertThat(TensorParts.take(tensor, 2, 1, 0).toFloats())
        .containsExactly(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10);
    assertThat(TensorParts.take(counting(4), 0, 3, 1, 2).toFloats()).containsExactly(3, 1, 2);
    assertThatThrownBy(() -> TensorParts.range(tensor, 1, 2, 4)).hasMessageContaining("2x3x2");
    assertThatThrownBy(() -> TensorParts.range(tensor, 3, 0, 1)).hasMessageContaining("axis 3");
  }

  @Test
  void mergesAreCheckedBeforeTheyAreUsed() {
    Tensor one = counting(2, 3);
    assertThat(Merges.merge(new Merge.Sum(), List.of(one, one)).toFloats())
        .containsExactly(0, 2, 4, 6, 8, 10);
    assertThat(Merges.merge(new Merge.Concat(1), List.of(one, counting(2, 1))).toFloats())
        .containsExactly(0, 1, 2, 0, 3, 4, 5, 1);
    Tensor longs = Tensor.ofLongs(Shape.of(2), 1, 2);
    assertThatThrownBy(() -> Merges.merge(new Merge.Sum(), List.of(longs, longs)))
        .hasMessageContaining("int64");
    assertThatThrownBy(() -> Merges.merge(new Merge.Sum(), List.of(one, counting(3, 2))))
        .hasMessageContaining("3x2");
    assertThatThrownBy(() -> Merges.merge(new Merge.Concat(0), List.of(one, counting(3, 2))))
        .hasMessageContaining("3x2");
    assertThatThrownBy(() -> Merges.merge(new Merge.Concat(2), List.of(one)))
        .hasMessageContaining("axis 2");
    assertThatThrownBy(() -> Merges.merge(new Merge.Sum(), List.of()))
        .hasMessageContaining("no results");
  }
}
