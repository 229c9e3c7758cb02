package dev.skein.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Weight;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PaddingTest {
  private final Rewrite pass = new Padding();

  private static Sketches sketch() {
    return new Sketches()
        .in("x", 1, 2, 8, 8)
        .weight("w", Shape.of(2, 2, 3, 3), new float[36])
        .longs("pads", 0, 0, 1, 2, 0, 0, 3, 4)
        .longs("channels", 0, 1, 1, 2, 0, 0, 3, 4)
        .longs("crop", 0, 0, -1, 2, 0, 0, 3, 4)
        .longs("four", 1, 2, 3, 4)
        .longs("axes", 2, -1)
        .scalar("zero", 0)
        .scalar("one", 1)
        .out("y");
  }

  private List<String> lines(Model model) {
    return Sketches.lines(Sketches.after(pass, model));
  }

  @Test
  void zerosGoIntoTheConvolution() {
    assertThat(
            lines(
                sketch()
                    .node("p = Pad(x, pads, zero)")
                    .node("y = Conv(p, w) pads=[1,1,1,1]")
                    .model()))
        .containsExactly("y = Conv(x, w) pads=[2,3,4,5]");
    assertThat(
            lines(
                sketch().node("p = Pad(x, pads)").node("y = Conv(p, w) auto_pad='VALID'").model()))
        .containsExactly("y = Conv(x, w) pads=[1,2,3,4]");
    assertThat(
            lines(
                sketch()
                    .node("p = Pad(x) pads=[0,0,1,2,0,0,3,4]")
                    .node("y = Conv(p, w)")
                    .model(10)))
        .containsExactly("y = Conv(x, w) pads=[1,2,3,4]");
    assertThat(lines(sketch().node("p = Pad(x, four, , axes)").node("y = Conv(p, w)").model(18)))
        .containsExactly("y = Conv(x, w) pads=[1,2,3,4]");
  }

  @Test
  void averagesCountWhatThePadAdded() {
    assertThat(
            lines(
                sketch()
                    .node("p = Pad(x, pads)")
                    .node("y = AveragePool(p) kernel_shape=[5,5]")
                    .model()))
        .containsExactly(
            "y = AveragePool(x) kernel_shape=[5,5] pads=[1,2,3,4] count_include_pad=1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "y = Conv(p, w) auto_pad='SAME_UPPER'",
        "y = MaxPool(p) kernel_shape=[5,5]",
        "y = AveragePool(p) kernel_shape=[5,4]",
        "y = AveragePool(p) kernel_shape=[5,5] ceil_mode=1",
        "y = AveragePool(p) kernel_shape=[5,5] pads=[1,0,0,0]",
        "y = ConvTranspose(p, w)",
        "y = Conv(x, p)"
      })
  void otherReadersOfThePaddedMapAreLeft(String line) {
    Model model = sketch().node("p = Pad(x, pads)").node(line).model();
    assertThat(Sketches.after(pass, model)).isSameAs(model.graph());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "p = Pad(x, pads, one)",
        "p = Pad(x, channels)",
        "p = Pad(x, crop)",
        "p = Pad(x, pads) mode='reflect'",
        "p = Pad(x, unknown)"
      })
  void otherPaddingIsLeft(String line) {
    Model model = sketch().node("unknown = Neg(pads)").node(line).node("y = Conv(p, w)").model();
    assertThat(Sketches.after(pass, model)).isSameAs(model.graph());
  }

  @Test
  void paddedMapThatOthersReadStays() {
    Model model = sketch().node("p = Pad(x, pads)").node("y = Conv(p, w)").out("p").model();
    assertThat(Sketches.after(pass, model)).isSameAs(model.graph());
  }

  @Test
  void padsAddUp() {
    Graph graph =
        Sketches.after(
            pass,
            sketch()
                .node("p = Pad(x, pads, one)")
                .node("q = Pad(p, channels, one)")
                .node("y = Relu(q)")
                .model());
    assertThat(Sketches.lines(graph)).containsExactly("q = Pad(x, q_pads_1, one)", "y = Relu(q)");
    Tensor pads = ((Weight.Held) graph.weights().get("q_pads_1")).tensor();
    assertThat(pads.data().toArray(Tensor.INT64)).containsExactly(0, 1, 2, 4, 0, 0, 6, 8);
    Model other =
        sketch().node("p = Pad(x, pads, one)").node("q = Pad(p, pads)").node("y = Relu(q)").model();
    assertThat(Sketches.after(pass, other)).isSameAs(other.graph());
  }
}
