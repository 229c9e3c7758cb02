package dev.skein.quantize;

import static dev.skein.quantize.Drafts.lines;
import static dev.skein.quantize.Drafts.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.graph.Attribute;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Opaque;
import dev.skein.tensor.Shape;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpsetUpgradeTest {
  private static Model upgraded(long opset, String... formulas) {
    return upgraded(opset, Map.of(), formulas);
  }

  private static Model upgraded(long opset, Map<String, Attribute> more, String... formulas) {
    Drafts draft = new Drafts().gauss("w", 4, 4, 1, 1).out("y");
    draft.weight("same", Shape.of(4), 1, 1, 2, 1.5f).weight("less", Shape.of(4), 1, 1, 2, 0.5f);
    List.of(formulas).forEach(formula -> draft.node(formula, more));
    return OpsetUpgrade.apply(draft.model(opset));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "10 | y = Clip(x) min=0.5 max=6.0        | y = Clip(x, y_min_1, y_max_1)",
        "7  | y = Clip(x) max=6.0                | y = Clip(x, , y_max_1)",
        "11 | y = Clip(x, w)                     | y = Clip(x, w)",
        "10 | y = Pad(x) pads=[0,0,1,1]          | y = Pad(x, y_pads_1, y_value_1)",
        "9  | y = Slice(x) starts=[1] ends=[3]   | y = Slice(x, y_starts_1, y_ends_1)",
        "9  | y = Slice(x) starts=[1] ends=[3] axes=[2] | y = Slice(x, y_starts_1, y_ends_1, y_axes_1)",
        "12 | y = Squeeze(x) axes=[0]            | y = Squeeze(x, y_axes_1)",
        "12 | y = Squeeze(x)                     | y = Squeeze(x)",
        "11 | y = Unsqueeze(x) axes=[0]          | y = Unsqueeze(x, y_axes_1)",
        "11 | y = ReduceSum(x) axes=[0] keepdims=0 | y = ReduceSum(x, y_axes_1)",
        "12 | y, z = Split(x) split=[1,3]        | y, z = Split(x, y_split_1)",
        "9  | y, z = TopK(x) k=3                 | y, z = TopK(x, y_k_1)",
        "7  | y = Dropout(x) ratio=0.5           | y = Dropout(x)",
        "8  | y, mask = Dropout(x) ratio=0.5     | y = Dropout(x)",
        "10 | y = Resize(x, w) mode=linear       | y = Resize(x, , w)",
        "10 | y = Resize(x, same)                | y = Resize(x, , same)",
        "9  | y = Upsample(x, w)                 | y = Resize(x, , w)",
        "12 | y = Softmax(x) axis=3              | y = Softmax(x)",
        "8  | y = BatchNormalization(x, w, w, w, w) spatial=1 | y = BatchNormalization(x, w, w, w, w)",
      })
  void formsBecomeThoseOf13(long opset, String before, String after) {
    Model upgraded = upgraded(opset, before);
    assertThat(lines(upgraded)).containsExactly(after);
    assertThat(upgraded.opsets()).containsEntry("", 13L);
    assertThat(upgraded.irVersion()).isEqualTo(7);
    assertThat(upgraded.graph().nodes().getFirst().attributes())
        .doesNotContainKeys(
            "min", "max", "pads", "value", "starts", "ends", "axes", "split", "k", "ratio",
            "spatial", "scales");
  }

  @Test
  void valuesComeAlong() {
    Model clip = upgraded(7, "y = Clip(x) min=0.5 max=6.0");
    assertThat(tensor(clip, "y_min_1").toFloats()).containsExactly(0.5f);
    assertThat(tensor(clip, "y_max_1").toFloats()).containsExactly(6);
    Attribute scales = new Attribute.OfFloats(List.of(1f, 1f, 2f, 3f));
    Model upsample = upgraded(7, Map.of("scales", scales), "y = Upsample(x) mode=nearest");
    assertThat(lines(upsample)).containsExactly("y = Resize(x, , y_scales_1)");
    assertThat(tensor(upsample, "y_scales_1").toFloats()).containsExactly(1, 1, 2, 3);
    assertThat(upsample.graph().nodes().getFirst().attributes())
        .containsEntry("mode", new Attribute.OfString("nearest"))
        .containsEntry("nearest_mode", new Attribute.OfString("floor"))
        .containsEntry("coordinate_transformation_mode", new Attribute.OfString("asymmetric"));
  }

  @Test
  void aModelThatHasItIsReturnedAsItIs() {
    Model model = new Drafts().node("y = Foo(x)").out("y").model(13);
    assertThat(OpsetUpgrade.apply(model)).isSameAs(model);
    assertThat(OpsetUpgrade.concerns(model)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "y = Scatter(x, w, w)",
        "y = Softmax(x) axis=1",
        "mask, y = Dropout(x)",
        "y = BatchNormalization(x, w, w, w, w) spatial=0",
        "y = Foo(x)"
      })
  void whatDoesNotMeanTheSameIsRefusedByName(String formula) {
    String op = formula.replaceAll(".*= (\\w+)\\(.*", "$1");
    assertThatThrownBy(() -> upgraded(8, formula))
        .isInstanceOf(QuantizeException.class)
        .hasMessage(
            "cannot raise model 'draft' from opset 8 to 13 because of %s '%s': export it with opset 13"
                .formatted(op, op.equals("Dropout") ? "mask" : "y"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"y = Resize(x, less)", "y = Resize(x, x) mode=nearest"})
  void nearestIsRaisedOnlyWhereNothingShrinks(String formula) {
    assertThatThrownBy(() -> upgraded(10, formula))
        .isInstanceOf(QuantizeException.class)
        .hasMessage(
            "cannot raise model 'draft' from opset 10 to 13 because of Resize 'y': export it with opset 13");
  }

  @Test
  void branchesAndAncientModelsAreRefused() {
    Graph body = new Graph("", List.of(), List.of(), List.of(), Map.of(), List.of(), Opaque.NONE);
    Map<String, Attribute> branches = Map.of("then_branch", new Attribute.OfGraph(body));
    assertThatThrownBy(() -> upgraded(11, branches, "y = If(x)"))
        .hasMessageContaining("because of If 'y'");
    assertThatThrownBy(() -> upgraded(6, "y = Relu(x)"))
        .hasMessage("model 'draft' has opset 6, which is older than 7: export it with opset 13");
  }

  @Test
  void operatorsOfOtherDomainsAreTheirOwnBusiness() {
    Node other =
        new Node("", "Foo", "com.example", List.of("x"), List.of("y"), Map.of(), Opaque.NONE);
    Model model = new Drafts().out("y").model(9);
    assertThat(lines(OpsetUpgrade.apply(model.with(model.graph().withNodes(List.of(other))))))
        .containsExactly("y = Foo(x)");
  }
}
