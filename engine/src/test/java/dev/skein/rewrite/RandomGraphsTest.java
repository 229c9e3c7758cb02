package dev.skein.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.graph.Model;
import dev.skein.tensor.Difference;
import dev.skein.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RandomGraphsTest {
  private static final int MODELS = 60;
  private static final Set<String> CLEAN_UP =
      Set.of(
          "constants-to-weights",
          "no-ops",
          "duplicates",
          "transposes",
          "reshapes",
          "shape-subgraphs",
          "constant-folding",
          "dead-code");

  @Test
  void standardPassesLeaveOutputsEqualForEveryBatch() {
    Set<String> fired = new TreeSet<>();
    for (int seed = 0; seed < MODELS; seed++) {
      Model model = RandomGraphs.model(seed);
      Rewriter.Result result = Running.rewritten(model);
      requireEqual(seed, model, result);
      result.steps().forEach(step -> fired.add(step.rewrite()));
    }
    assertThat(fired).containsAll(CLEAN_UP);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "constants-to-weights",
        "no-ops",
        "duplicates",
        "transposes",
        "reshapes",
        "shape-subgraphs",
        "constant-folding"
      })
  void eachPassAloneLeavesOutputsEqual(String name) {
    List<Rewrite> all = Passes.standard(Running::constants);
    List<Rewrite> passes = Passes.named(List.of("constants-to-weights", name), all);
    for (int seed = MODELS; seed < MODELS + 15; seed++) {
      Model model = RandomGraphs.model(seed);
      requireEqual(seed, model, Running.rewritten(model, passes));
    }
  }

  @Test
  void standardPassesLeaveIntegersEqual() {
    Set<String> fired = new TreeSet<>();
    for (int seed = 0; seed < MODELS; seed++) {
      Model model = RandomIntegers.model(seed);
      Map<String, Tensor> inputs = RandomIntegers.inputs(seed);
      Rewriter.Result result = Running.rewritten(model);
      assertThat(Difference.of(Running.run(model, inputs), Running.run(result.model(), inputs)))
          .describedAs("seed %d, %s", seed, result.steps())
          .isZero();
      result.steps().forEach(step -> fired.add(step.rewrite()));
    }
    assertThat(fired).contains("no-ops", "reduction-chain");
  }

  private static void requireEqual(int seed, Model model, Rewriter.Result result) {
    for (int batch : List.of(RandomGraphs.SMALL_BATCH, RandomGraphs.LARGE_BATCH, 1)) {
      Map<String, Tensor> inputs = RandomGraphs.inputs(seed, batch);
      Map<String, Tensor> expected = Running.run(model, inputs);
      assertThat(Running.difference(expected, Running.run(result.model(), inputs)))
          .describedAs("seed %d, batch %d, %s", seed, batch, result.steps())
          .isLessThanOrEqualTo(Difference.TOLERANCE);
    }
  }
}
