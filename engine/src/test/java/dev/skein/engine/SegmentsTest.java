package dev.skein.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.graph.Cut;
import dev.skein.graph.Cuts;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Segment;
import dev.skein.graph.Segments;
import dev.skein.graph.Value;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentsTest {
  private static final int WIDTH = 3;

  @ParameterizedTest
  @ValueSource(strings = {"tiny_kws_dscnn.onnx", "tiny_cifar10_resnet8.onnx"})
  void everySplitInTwoGivesTheWholeModelsResult(String name) {
    Model model = ShapeProbe.annotate(RealModels.read(name));
    Map<String, Tensor> inputs = RealModels.inputs(model, 3);
    Map<String, Tensor> whole = run(model, inputs);
    List<Cut> cuts = cuts(model);
    assertThat(cuts).hasSizeGreaterThan(2);
    for (Cut middle : cuts.subList(1, cuts.size() - 1)) {
      chainGives(model, List.of(cuts.getFirst(), middle, cuts.getLast()), inputs, whole);
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("dev.skein.engine.RealModels#names")
  void everySplitInTwoOfEveryModelGivesTheWholeModelsResult(String name) {
    everySplitInTwoGivesTheWholeModelsResult(name);
  }

  @ParameterizedTest
  @MethodSource("dev.skein.engine.RealModels#names")
  void chainOfEightPartsGivesTheWholeModelsResult(String name) {
    Model model = ShapeProbe.annotate(RealModels.read(name));
    Map<String, Tensor> inputs = RealModels.inputs(model, 4);
    List<Cut> cuts = cuts(model);
    List<Cut> some =
        IntStream.rangeClosed(0, 8)
            .mapToObj(part -> cuts.get(part * (cuts.size() - 1) / 8))
            .distinct()
            .toList();
    chainGives(model, some, inputs, run(model, inputs));
  }

  // Cut inside a fusion, a quantised model rounds elsewhere: a whole step of difference is right.
  private static List<Cut> cuts(Model model) {
    Set<String> boundaries = Fusions.boundaries(model);
    boundaries.addAll(model.graph().outputs().stream().map(Value::name).toList());
    return Cuts.of(model.graph(), WIDTH).stream()
        .filter(cut -> boundaries.containsAll(cut.values()))
        .toList();
  }

  private static void chainGives(
      Model model, List<Cut> cuts, Map<String, Tensor> inputs, Map<String, Tensor> whole) {
    Map<String, Tensor> alive = new HashMap<>(inputs);
    for (Segment segment : Segments.between(cuts)) {
      Graph part = Segments.extract(model.graph(), segment);
      Map<String, Tensor> given = new HashMap<>();
      part.requiredInputs().forEach(input -> given.put(input.name(), alive.get(input.name())));
      Map<String, Tensor> next = new HashMap<>(run(model.with(part), given));
      Segments.passed(model.graph(), segment).forEach(name -> next.put(name, alive.get(name)));
      assertThat(next.keySet()).containsExactlyInAnyOrderElementsOf(segment.to().values());
      alive.clear();
      alive.putAll(next);
    }
    whole.forEach((name, tensor) -> close(alive.get(name), tensor));
  }

  /** Apart by at most a small part of the range of the values. */
  private static void close(Tensor actual, Tensor expected) {
    assertThat(actual.type()).isEqualTo(expected.type());
    assertThat(actual.shape()).isEqualTo(expected.shape());
    // Between segments half-precision values are rounded where one session keeps them longer.
    float tolerance = expected.type() == ElementType.FLOAT16 ? 2e-3f : 1e-4f;
    float[] got = floats(actual);
    float[] wanted = floats(expected);
    float least = Float.POSITIVE_INFINITY;
    float most = Float.NEGATIVE_INFINITY;
    float apart = 0;
    for (int i = 0; i < wanted.length; i++) {
      least = Math.min(least, wanted[i]);
      most = Math.max(most, wanted[i]);
      apart = Math.max(apart, Math.abs(got[i] - wanted[i]));
    }
    assertThat(most - least).isFinite().isPositive();
    assertThat(apart).isLessThanOrEqualTo(tolerance * (most - least));
  }

  private static float[] floats(Tensor tensor) {
    if (tensor.type() == ElementType.FLOAT) {
      return tensor.toFloats();
    }
    assertThat(tensor.type()).isEqualTo(ElementType.FLOAT16);
    short[] halves = tensor.data().toArray(ValueLayout.JAVA_SHORT);
    float[] floats = new float[halves.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = Float.float16ToFloat(halves[i]);
    }
    return floats;
  }

  private static Map<String, Tensor> run(Model model, Map<String, Tensor> inputs) {
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      return session.run(inputs);
    }
  }
}
