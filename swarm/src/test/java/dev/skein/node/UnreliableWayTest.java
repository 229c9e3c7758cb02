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
import dev.skein.infer.Neighbours;
import dev.skein.infer.Pipeline;
import dev.skein.infer.Workload;
import dev.skein.plan.Goal;
import dev.skein.tensor.Tensor;
import dev.skein.wire.Frame;
import dev.skein.wire.FrameHeader;
import dev.skein.wire.PrepareRequest;
import dev.skein.wire.Prepared;
import dev.skein.worker.WorkerException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real nodes, and between them and the requester a way that loses, doubles and refuses. */
@Timeout(60)
class UnreliableWayTest {
  private static final Model MODEL = SmallNet.model(1);
  private static final SplitPlanner BOTH = SplitPlanner.over("a", "b");

  @TempDir static Path folder;
  private static LocalSwarm swarm;
  private static Node requester;
  private static Workload workload;

  @BeforeAll
  static void start() {
    swarm = new LocalSwarm(folder);
    swarm.add("a");
    swarm.add("b");
    requester = swarm.addRequester("asker");
    workload = requester.survey(MODEL, SmallNet.input(0, 1));
    requester.refresh();
  }

  @AfterAll
  static void stop() {
    swarm.close();
  }

  private static Pipeline open(Neighbours way) {
    return Pipeline.open(way, workload, BOTH, Goal.LATENCY, node -> true);
  }

  /** Hands every answer to {@code onAnswer}, which may pass it on. */
  private abstract static class Way extends RecordingNeighbours {
    Way() {
      super(requester.neighbours());
    }

    void onAnswer(Frame frame, AnswerReceiver receiver) {
      receiver.answered(frame);
    }

    @Override
    public void receive(String deployment, int stages, AnswerReceiver receiver) {
      super.receive(
          deployment,
          stages,
          new AnswerReceiver() {
            @Override
            public void answered(Frame frame) {
              onAnswer(frame, receiver);
            }

            @Override
            public void left(String node) {
              receiver.left(node);
            }
          });
    }
  }

  @Test
  void answersThatComeTwiceCountOnce() {
    Way twice =
        new Way() {
          @Override
          void onAnswer(Frame frame, AnswerReceiver receiver) {
            receiver.answered(frame);
            receiver.answered(frame);
          }
        };
    List<Map<String, Tensor>> inputs = inputs(50);
    try (Pipeline pipeline = open(twice)) {
      assertRight(askAll(pipeline, inputs), SmallNet.plain(MODEL, inputs));
      assertThat(pipeline.recoveries()).isZero();
    }
  }

  @Test
  void answersToRequestsThatNobodyMadeAreDropped() {
    Way inventive =
        new Way() {
          @Override
          void onAnswer(Frame frame, AnswerReceiver receiver) {
            FrameHeader header = frame.header();
            receiver.answered(
                new Frame(
                    new FrameHeader(
                        header.deployment(), -header.request(), 1, header.stage(), List.of(), null),
                    Map.of()));
            receiver.answered(frame);
          }
        };
    try (Pipeline pipeline = open(inventive)) {
      assertRight(askAll(pipeline, inputs(20)), SmallNet.plain(MODEL, inputs(20)));
    }
  }

  @Test
  void aRequestWhoseAnswerIsLostIsSentAgain() {
    AtomicInteger answers = new AtomicInteger();
    Way lossy =
        new Way() {
          @Override
          void onAnswer(Frame frame, AnswerReceiver receiver) {
            if (answers.getAndIncrement() != 3) {
              receiver.answered(frame);
            }
          }
        };
    List<Map<String, Tensor>> inputs = inputs(12);
    try (Pipeline pipeline = open(lossy)) {
      List<Answer> all = askAll(pipeline, inputs);
      assertRight(all, SmallNet.plain(MODEL, inputs));
      assertThat(all).anyMatch(answer -> answer.attempts() > 1);
      assertThat(pipeline.recoveries()).isPositive();
    }
  }

  @Test
  void aRequestThatCouldNotBeSentIsSentAgain() {
    AtomicInteger frames = new AtomicInteger();
    Way refusing =
        new Way() {
          @Override
          public void send(String node, Frame frame, Duration deadline) {
            if (frames.getAndIncrement() == 2) {
              throw new WorkerException("no");
            }
            super.send(node, frame, deadline);
          }
        };
    List<Map<String, Tensor>> inputs = inputs(12);
    try (Pipeline pipeline = open(refusing)) {
      assertRight(askAll(pipeline, inputs), SmallNet.plain(MODEL, inputs));
    }
  }

  @Test
  void aRequestThatCanNeverBeSentEndsAtItsDeadlineSayingWhy() {
    Way closed =
        new Way() {
          @Override
          public void send(String node, Frame frame, Duration deadline) {
            LocalSwarm.pause(20);
            throw new WorkerException("the road is closed");
          }
        };
    try (Pipeline pipeline = open(closed)) {
      assertThatThrownBy(() -> pipeline.infer(SmallNet.input(0, 1), Duration.ofMillis(500)))
          .isInstanceOf(InferenceException.class)
          .hasMessageContaining("the road is closed")
          .message()
          .doesNotContain("\n");
    }
  }

  @Test
  void aNodeThatRefusesAStageIsPlannedAround() {
    AtomicInteger attempts = new AtomicInteger();
    Way refusing =
        new Way() {
          @Override
          public Prepared prepare(String node, PrepareRequest request, Duration deadline) {
            if (requester.name(node).equals("b")) {
              attempts.incrementAndGet();
              throw new WorkerException("not today");
            }
            return super.prepare(node, request, deadline);
          }
        };
    try (Pipeline pipeline = open(refusing)) {
      assertThat(LocalSwarm.names(requester, pipeline)).containsExactly("a");
      assertThat(attempts).hasValue(1);
      assertRight(
          List.of(pipeline.infer(SmallNet.input(0, 1), DEADLINE)),
          SmallNet.plain(MODEL, inputs(1)));
    }
  }
}
