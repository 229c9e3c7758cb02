package dev.skein.node;

import static dev.skein.node.LocalSwarm.DEADLINE;
import static dev.skein.node.LocalSwarm.askAll;
import static dev.skein.node.LocalSwarm.assertRight;
import static dev.skein.node.LocalSwarm.inputs;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.graph.Model;
import dev.skein.infer.Answer;
import dev.skein.infer.InferenceException;
import dev.skein.infer.Pipeline;
import dev.skein.infer.Workload;
import dev.skein.plan.ExactPlanner;
import dev.skein.plan.Goal;
import dev.skein.plan.Stage;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import dev.skein.wire.StageTiming;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One model split over nodes of one swarm, nobody failing. */
@Timeout(60)
class SplitTest {
  private static final Model MODEL = SmallNet.model(1);

  @TempDir static Path folder;
  private static LocalSwarm swarm;
  private static Node requester;
  private static Workload workload;

  @BeforeAll
  static void start() {
    swarm = new LocalSwarm(folder);
    swarm.add("a");
    swarm.add("b");
    swarm.add("c");
    requester = swarm.addRequester("asker");
    workload = requester.survey(MODEL, SmallNet.input(0, 1));
  }

  @AfterAll
  static void stop() {
    swarm.close();
  }

  @Test
  void theSmallNetHasEnoughCutsForTheseTests() {
    assertThat(workload.costs().segments()).hasSizeGreaterThanOrEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "a b", "c a b", "a b a", "a a", "b a c b a"})
  void anySplitGivesThePlainModelsResult(String names) {
    List<Map<String, Tensor>> inputs = inputs(10);
    SplitPlanner planner = SplitPlanner.over(names.split(" "));

    try (Pipeline pipeline = LocalSwarm.open(requester, workload, planner)) {
      assertThat(LocalSwarm.names(requester, pipeline)).isEqualTo(planner.names());
      for (Map<String, Tensor> input : inputs) {
        Answer answer = pipeline.infer(input, DEADLINE);
        assertRight(List.of(answer), SmallNet.plain(MODEL, List.of(input)));
        assertThat(answer.attempts()).isEqualTo(1);
        assertThat(answer.timings()).extracting(StageTiming::node).isEqualTo(pipeline.nodes());
      }
      assertThat(pipeline.recoveries()).isZero();
    }
  }

  @Test
  void aNodeMayAskAndWorkAtTheSameTime() {
    Node a = swarm.add("worker-and-asker");
    try {
      Workload own = a.survey(MODEL, SmallNet.input(0, 1));
      List<Map<String, Tensor>> inputs = inputs(8);
      SplitPlanner planner = SplitPlanner.over("worker-and-asker", "b", "worker-and-asker");
      try (Pipeline pipeline = LocalSwarm.open(a, own, planner)) {
        assertRight(askAll(pipeline, inputs), SmallNet.plain(MODEL, inputs));
      }
    } finally {
      swarm.close(a);
    }
  }

  @Test
  void requestsInFlightTogetherEachGetTheirOwnAnswer() {
    List<Map<String, Tensor>> inputs = inputs(200);
    List<float[]> expected = SmallNet.plain(MODEL, inputs);

    try (Pipeline pipeline =
        LocalSwarm.open(requester, workload, SplitPlanner.over("a", "b", "c"))) {
      assertThat(pipeline.window()).isGreaterThan(2);
      assertRight(askAll(pipeline, inputs), expected);
    }
  }

  @Test
  void bytesThatMovedBetweenDevicesAreCounted() {
    long entry = workload.costs().cutBytes(0);
    long exit = workload.costs().cutBytes(workload.costs().segments().size());
    try (Pipeline pipeline = LocalSwarm.open(requester, workload, SplitPlanner.over("a", "a"))) {
      assertThat(pipeline.infer(SmallNet.input(0, 1), DEADLINE).bytesMoved())
          .isEqualTo(entry + exit);
    }
    try (Pipeline pipeline = LocalSwarm.open(requester, workload, SplitPlanner.over("a", "b"))) {
      Stage first = pipeline.plan().stages().getFirst();
      assertThat(pipeline.infer(SmallNet.input(0, 1), DEADLINE).bytesMoved())
          .isEqualTo(entry + workload.costs().cutBytes(first.to()) + exit);
    }
  }

  @Test
  void batchesOfOtherSizesThanTheSurveysAreRight() {
    List<Map<String, Tensor>> inputs =
        IntStream.of(3, 1, 7, 1, 3, 32, 2).mapToObj(size -> SmallNet.input(size, size)).toList();

    try (Pipeline pipeline = LocalSwarm.open(requester, workload, SplitPlanner.over("b", "c"))) {
      List<Answer> answers = askAll(pipeline, inputs);
      assertRight(answers, SmallNet.plain(MODEL, inputs));
      assertThat(answers.get(5).outputs().get("y").shape()).isEqualTo(Shape.of(32, 32));
    }
  }

  @Test
  void whatTheModelRefusesFailsInOneLineAndHarmsNobodyElse() {
    Map<String, Tensor> wrongShape =
        Map.of("x", Tensor.ofFloats(Shape.of(1, 4, 8, 7), new float[4 * 8 * 7]));
    Map<String, Tensor> wrongType =
        Map.of("x", Tensor.ofLongs(Shape.of(1, 4, 8, 8), new long[4 * 8 * 8]));
    Map<String, Tensor> missing = Map.of("z", Tensor.ofFloats(Shape.of(1), 1));
    List<Map<String, Tensor>> inputs = inputs(4);

    try (Pipeline pipeline = LocalSwarm.open(requester, workload, SplitPlanner.over("a", "b"))) {
      for (Map<String, Tensor> wrong : List.of(wrongShape, wrongType, missing)) {
        assertThatThrownBy(() -> pipeline.infer(wrong, DEADLINE))
            .isInstanceOf(InferenceException.class)
            .hasMessageContaining("'x'")
            .message()
            .doesNotContain("\n");
        assertRight(askAll(pipeline, inputs), SmallNet.plain(MODEL, inputs));
      }
      assertThat(pipeline.recoveries()).as("wrong input is no reason for a new plan").isZero();
    }
  }

  @Test
  void aDeadlineThatCannotBeMetEndsTheRequestInOneLineAndNoOther() {
    List<Map<String, Tensor>> inputs = inputs(2);
    try (Pipeline pipeline = LocalSwarm.open(requester, workload, SplitPlanner.over("a", "b"))) {
      assertThatThrownBy(() -> pipeline.infer(inputs.getFirst(), Duration.ofNanos(1)))
          .isInstanceOf(InferenceException.class)
          .message()
          .doesNotContain("\n");
      assertRight(askAll(pipeline, inputs), SmallNet.plain(MODEL, inputs));
    }
  }

  @Test
  void twoPipelinesRunAtTheSameTime() {
    Model other = SmallNet.model(2);
    Workload second = requester.survey(other, SmallNet.input(0, 1));
    List<Map<String, Tensor>> inputs = inputs(40);

    try (Pipeline one = LocalSwarm.open(requester, workload, SplitPlanner.over("a", "b", "c"));
        Pipeline two = LocalSwarm.open(requester, second, SplitPlanner.over("c", "a"))) {
      List<List<Answer>> answers =
          List.of(one, two).parallelStream().map(p -> askAll(p, inputs)).toList();
      assertRight(answers.get(0), SmallNet.plain(MODEL, inputs));
      assertRight(answers.get(1), SmallNet.plain(other, inputs));
    }
  }

  @Test
  void oneOfTwoPipelinesOverTheSameSegmentsOutlivesTheOther() {
    List<Map<String, Tensor>> inputs = inputs(10);
    try (Pipeline kept = LocalSwarm.open(requester, workload, SplitPlanner.over("a", "b"))) {
      Pipeline closed = LocalSwarm.open(requester, workload, SplitPlanner.over("a", "b"));
      assertRight(askAll(closed, inputs), SmallNet.plain(MODEL, inputs));
      closed.close();
      assertRight(askAll(kept, inputs), SmallNet.plain(MODEL, inputs));
    }
  }

  @Test
  void theRealPlannersChoiceIsRightForEachGoal() {
    List<Map<String, Tensor>> inputs = inputs(20);
    requester.refresh();
    for (Goal goal : Goal.values()) {
      try (Pipeline pipeline =
          Pipeline.open(requester.neighbours(), workload, new ExactPlanner(), goal, node -> true)) {
        assertThat(pipeline.nodes()).doesNotContain(requester.id());
        assertRight(askAll(pipeline, inputs), SmallNet.plain(MODEL, inputs));
      }
    }
  }

  @Test
  void whoOnlyAsksGetsNoWorkEvenIfNobodyElseIsEligible() {
    requester.refresh();
    assertThatThrownBy(() ->
            Pipeline.open(
                requester.neighbours(),
                workload,
                new ExactPlanner(),
                Goal.LATENCY,
                requester.id()::equals))
        .isInstanceOf(InferenceException.class)
        .hasMessage("no device of the swarm can take work; start one with 'skein node'");
  }

  @Test
  void onlyEligibleNodesGetWork() {
    String b =
        requester.members().values().stream()
            .filter(member -> member.name().equals("b"))
            .findFirst()
            .orElseThrow()
            .id();
    requester.refresh();
    try (Pipeline pipeline =
        Pipeline.open(
            requester.neighbours(), workload, new ExactPlanner(), Goal.THROUGHPUT, b::equals)) {
      assertThat(pipeline.nodes()).containsOnly(b);
    }
  }
}
