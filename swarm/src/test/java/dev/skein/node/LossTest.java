package dev.skein.node;

import static dev.skein.node.LocalSwarm.DEADLINE;
import static dev.skein.node.LocalSwarm.askAll;
import static dev.skein.node.LocalSwarm.assertRight;
import static dev.skein.node.LocalSwarm.computing;
import static dev.skein.node.LocalSwarm.eventually;
import static dev.skein.node.LocalSwarm.inputs;
import static dev.skein.node.LocalSwarm.report;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.graph.Model;
import dev.skein.infer.Answer;
import dev.skein.infer.InferenceException;
import dev.skein.infer.Pipeline;
import dev.skein.infer.Workload;
import dev.skein.plan.Goal;
import dev.skein.state.SwarmEvent;
import dev.skein.tensor.Tensor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that come, go, and ask no more. */
@Timeout(60)
class LossTest {
  private static final Model MODEL = SmallNet.model(1);
  private static final long PLENTY = 1L << 30;

  /** Makes a request take some ten milliseconds a stage, so that it can be caught in the act. */
  private static final double SLOW = 100;

  private static final Duration SOON = Duration.ofSeconds(6);

  @TempDir Path folder;
  private LocalSwarm swarm;

  @BeforeEach
  void start() {
    swarm = new LocalSwarm(folder);
  }

  @AfterEach
  void stop() {
    swarm.close();
  }

  @Test
  void requestsOutliveANodeThatLeavesInMidStream() {
    swarm.add("a", computing(SLOW, PLENTY));
    Node b = swarm.add("b", computing(SLOW, PLENTY));
    swarm.add("c", computing(SLOW, PLENTY));
    Node requester = swarm.addRequester("asker");
    Workload workload = requester.survey(MODEL, SmallNet.input(0, 1));
    List<Map<String, Tensor>> inputs = inputs(60);

    try (Pipeline pipeline =
        LocalSwarm.open(requester, workload, SplitPlanner.over("a", "b", "c"))) {
      AtomicInteger answered = new AtomicInteger();
      CompletableFuture<Void> leaving =
          CompletableFuture.runAsync(() -> {
            eventually(DEADLINE, "half of the answers", () -> answered.get() >= 20);
            swarm.close(b);
          });
      List<Answer> answers = LocalSwarm.askAll(pipeline, inputs, answered::incrementAndGet);
      leaving.join();

      assertRight(answers, SmallNet.plain(MODEL, inputs));
      assertThat(LocalSwarm.names(requester, pipeline)).containsExactly("a", "c");
      assertThat(pipeline.recoveries()).isPositive();
      assertThat(answers).anyMatch(answer -> answer.attempts() > 1);
    }
  }

  @Test
  void whenTheLastNodeThatCanWorkLeavesRequestsEndInOneLine() {
    Node a = swarm.add("a", computing(SLOW, PLENTY));
    Node requester = swarm.addRequester("asker");
    Workload workload = requester.survey(MODEL, SmallNet.input(0, 1));
    try (Pipeline pipeline = LocalSwarm.open(requester, workload, SplitPlanner.over("a"))) {
      swarm.close(a);

      assertThatThrownBy(() -> pipeline.infer(SmallNet.input(0, 1), Duration.ofSeconds(1)))
          .isInstanceOf(InferenceException.class)
          .hasMessage("no device of the swarm can take work; start one with 'skein node'");
    }
  }

  @Test
  void workersDropWhatARequesterThatLeftHadDeployed() {
    Node a = swarm.add("a");
    Node b = swarm.add("b");
    Node requester = swarm.addRequester("asker");
    Workload workload = requester.survey(MODEL, SmallNet.input(0, 1));
    Pipeline pipeline = LocalSwarm.open(requester, workload, SplitPlanner.over("a", "b"));
    assertThat(pipeline.infer(SmallNet.input(0, 1), DEADLINE).attempts()).isEqualTo(1);
    assertThat(report(a, b).deployments()).hasSize(1);
    long inUse = report(a, b).memoryFreeBytes();

    swarm.close(requester);

    eventually(SOON, "b without work", () -> report(a, b).deployments().isEmpty());
    eventually(SOON, "a without work", () -> report(b, a).deployments().isEmpty());
    eventually(SOON, "memory given back", () -> report(a, b).memoryFreeBytes() > inUse);
  }

  @Test
  void workersDropADeploymentWhoseRequesterLeftWhileTheyPrepared() {
    Node a = swarm.add("a");
    // A second or so for a warm-up run, long after everything has been fetched.
    Node b = swarm.add("b", computing(4000, PLENTY));
    Node requester = swarm.addRequester("asker");
    Workload workload = requester.survey(MODEL, SmallNet.input(0, 16));
    requester.refresh();
    CompletableFuture<Void> opening =
        CompletableFuture.runAsync(() -> {
          Pipeline _ = LocalSwarm.open(requester, workload, SplitPlanner.over("a", "b"));
        });
    eventually(SOON, "a ready", () -> !report(a, a).deployments().isEmpty());
    eventually(SOON, "b busy", () -> report(a, b).memoryFreeBytes() < PLENTY);
    assertThat(report(a, b).deployments()).isEmpty();

    swarm.close(requester);

    assertThatThrownBy(opening::join).isNotNull();
    eventually(
        Duration.ofSeconds(20),
        "b's memory given back",
        () -> report(a, b).memoryFreeBytes() == PLENTY);
    assertThat(report(a, b).deployments()).isEmpty();
  }

  @Test
  void aClosedPipelineLeavesNothingBehindAndTakesNoRequests() {
    Node a = swarm.add("a", computing(SLOW, PLENTY));
    Node requester = swarm.addRequester("asker");
    Workload workload = requester.survey(MODEL, SmallNet.input(0, 1));
    Pipeline pipeline = LocalSwarm.open(requester, workload, SplitPlanner.over("a", "a"));

    pipeline.close();

    assertThatThrownBy(() -> pipeline.infer(SmallNet.input(0, 1), DEADLINE))
        .isInstanceOf(InferenceException.class)
        .hasMessageContaining("closed");
    assertThat(report(requester, a).deployments()).isEmpty();
    eventually(SOON, "memory given back", () -> report(requester, a).memoryFreeBytes() == PLENTY);
  }

  @Test
  void requestsUnderWayWhenTheirPipelineIsClosedEndAndNothingIsDeployedAnew() {
    Node a = swarm.add("a", computing(SLOW, PLENTY));
    Node b = swarm.add("b", computing(SLOW, PLENTY));
    Node requester = swarm.addRequester("asker");
    Workload workload = requester.survey(MODEL, SmallNet.input(0, 1));
    Pipeline pipeline = LocalSwarm.open(requester, workload, SplitPlanner.over("a", "b"));
    List<String> fates = new ArrayList<>();
    AtomicInteger answered = new AtomicInteger();
    CompletableFuture<Void> asking =
        CompletableFuture.runAsync(() -> {
          for (int i = 0; i < 1000 && fates.isEmpty(); i++) {
            try {
              LocalSwarm.askAll(pipeline, inputs(6), answered::incrementAndGet);
            } catch (InferenceException e) {
              fates.add(e.getMessage());
            }
          }
        });
    eventually(SOON, "answers", () -> answered.get() >= 4);

    pipeline.close();

    asking.join();
    assertThat(fates).singleElement().asString().contains("closed").doesNotContain("\n");
    assertThat(report(requester, a).deployments()).isEmpty();
    assertThat(report(requester, b).deployments()).isEmpty();
  }

  @Test
  void aNewcomerIsUsedByThePipelineOpenedNext() {
    swarm.add("a");
    Node requester = swarm.addRequester("asker");
    Workload workload = requester.survey(MODEL, SmallNet.input(0, 1));
    SplitPlanner planner = SplitPlanner.over("a", "b");
    try (Pipeline pipeline = LocalSwarm.open(requester, workload, planner)) {
      assertThat(LocalSwarm.names(requester, pipeline)).containsExactly("a");
    }
    swarm.add("b");
    try (Pipeline pipeline = LocalSwarm.open(requester, workload, planner)) {
      assertThat(LocalSwarm.names(requester, pipeline)).containsExactly("a", "b");
      assertRight(askAll(pipeline, inputs(5)), SmallNet.plain(MODEL, inputs(5)));
    }
  }

  @Test
  void aNodeThatLeftAndCameBackUnderItsFormerIdIsUsedAgain() {
    swarm.add("a");
    Node b = swarm.add("b");
    Node requester = swarm.addRequester("asker");
    Workload workload = requester.survey(MODEL, SmallNet.input(0, 1));
    SplitPlanner planner = SplitPlanner.over("a", "b");
    String id = b.id();

    try (Pipeline pipeline = LocalSwarm.open(requester, workload, planner)) {
      swarm.close(b);
      assertRight(askAll(pipeline, inputs(5)), SmallNet.plain(MODEL, inputs(5)));
      assertThat(LocalSwarm.names(requester, pipeline)).containsExactly("a");
    }
    b = swarm.add("b");
    assertThat(b.id()).isEqualTo(id);
    try (Pipeline pipeline = LocalSwarm.open(requester, workload, planner)) {
      assertThat(LocalSwarm.names(requester, pipeline)).containsExactly("a", "b");
      assertRight(askAll(pipeline, inputs(5)), SmallNet.plain(MODEL, inputs(5)));
    }
  }

  @Test
  void aSuspectThatAnswersIsTrustedAgain() {
    Node a = swarm.add("a");
    Node requester = swarm.addRequester("asker");
    requester.refresh();
    requester.neighbours().tell(new SwarmEvent.Suspected(a.id()));
    assertThat(requester.neighbours().state().devices().get(a.id()).usable()).isFalse();

    requester.refresh();

    assertThat(requester.neighbours().state().devices().get(a.id()).usable()).isTrue();
  }

  @Test
  void aNodeThatLeftBetweenThePlanAndItsPreparationIsPlannedAround() {
    swarm.add("a");
    Node b = swarm.add("b");
    Node requester = swarm.addRequester("asker");
    Workload workload = requester.survey(MODEL, SmallNet.input(0, 1));
    SplitPlanner split = SplitPlanner.over("a", "b");
    AtomicInteger plans = new AtomicInteger();
    requester.refresh();

    try (Pipeline pipeline =
        Pipeline.open(
            requester.neighbours(),
            workload,
            (costs, seen, goal) -> {
              if (plans.getAndIncrement() == 0) {
                swarm.close(b);
                eventually(SOON, "b gone", () -> !requester.members().containsKey(b.id()));
              }
              return split.plan(costs, seen, goal);
            },
            Goal.LATENCY,
            node -> true)) {
      assertThat(LocalSwarm.names(requester, pipeline)).containsExactly("a");
      assertRight(askAll(pipeline, inputs(3)), SmallNet.plain(MODEL, inputs(3)));
    }
  }

  @Test
  void aNodeThatCouldNotJoinHoldsNeitherItsHomeNorAnyThread() {
    Node a = swarm.add("a");
    int taken = a.address().port();
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> swarm.add("late", computing(1, PLENTY), taken))
          .hasMessageContaining(Integer.toString(taken))
          .message()
          .doesNotContain("\n");
    }
    assertThat(Thread.getAllStackTraces().keySet())
        .filteredOn(thread -> thread.getName().equals("skein-device"))
        .hasSizeLessThanOrEqualTo(1);

    assertThat(swarm.add("late").members()).hasSize(2);
  }
}
