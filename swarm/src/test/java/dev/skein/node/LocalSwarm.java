package dev.skein.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.skein.infer.Answer;
import dev.skein.infer.Pipeline;
import dev.skein.infer.Workload;
import dev.skein.member.HostPort;
import dev.skein.member.MemberOptions;
import dev.skein.plan.Goal;
import dev.skein.plan.Planner;
import dev.skein.state.Snapshot;
import dev.skein.tensor.Tensor;
import dev.skein.wire.DeviceReport;
import dev.skein.wire.Link;
import dev.skein.worker.Capacity;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/** Several nodes in this JVM, in a swarm of their own on the loopback address. */
final class LocalSwarm implements AutoCloseable {
  static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final float ROUNDING = 1e-4f;
  private static final long PLENTY = 1L << 30;

  private final String name = "test-" + UUID.randomUUID();
  private final Path folder;
  private final List<Node> nodes = new ArrayList<>();

  LocalSwarm(Path folder) {
    this.folder = folder;
  }

  /** A computing node without limits. */
  Node add(String device) {
    return add(device, computing(1, PLENTY));
  }

  /** A node that takes no work. */
  Node addRequester(String device) {
    return add(
        device, new NodeSettings.Traits(new Capacity(1, 1, 1, PLENTY), Link.NONE, false, PLENTY));
  }

  Node add(String device, NodeSettings.Traits traits) {
    return add(device, traits, 0);
  }

  Node add(String device, NodeSettings.Traits traits, int port) {
    List<HostPort> join = nodes.stream().map(Node::address).limit(1).toList();
    MemberOptions options = new MemberOptions(name, "127.0.0.1", port, join, false);
    Node node = Node.start(new NodeSettings(device, home(device), options, traits));
    nodes.add(node);
    eventually(
        DEADLINE,
        device + " known to all",
        () -> nodes.stream().allMatch(other -> other.members().containsKey(node.id())));
    return node;
  }

  static NodeSettings.Traits computing(double slowdown, long modelBytes) {
    return new NodeSettings.Traits(
        new Capacity(1, slowdown, 1, modelBytes), Link.NONE, true, PLENTY);
  }

  Path home(String device) {
    return folder.resolve(device);
  }

  /** Polite. */
  void close(Node node) {
    nodes.remove(node);
    node.close();
  }

  static Pipeline open(Node requester, Workload workload, Planner planner) {
    requester.refresh();
    return Pipeline.open(requester.neighbours(), workload, planner, Goal.THROUGHPUT, node -> true);
  }

  /** Refreshes until every link between members is known, as it is a moment after they joined. */
  static void refreshWithLinks(Node requester) {
    eventually(
        DEADLINE,
        "links",
        () -> {
          requester.refresh();
          Snapshot seen = requester.neighbours().state().snapshot(requester.id(), node -> true);
          int ends = seen.swarm().links().length;
          return IntStream.range(0, ends * ends)
              .filter(pair -> pair / ends != pair % ends)
              .allMatch(pair -> seen.swarm().link(pair / ends, pair % ends) != null);
        });
  }

  /** Names by stage of the plan in force. */
  static List<String> names(Node requester, Pipeline pipeline) {
    return pipeline.nodes().stream().map(requester::name).toList();
  }

  /** Answers by request, all of them asked at once. */
  static List<Answer> askAll(Pipeline pipeline, List<Map<String, Tensor>> inputs) {
    return askAll(pipeline, inputs, () -> {});
  }

  /** The same; {@code onAnswer} is called after each. */
  static List<Answer> askAll(
      Pipeline pipeline, List<Map<String, Tensor>> inputs, Runnable onAnswer) {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Answer>> answers =
          inputs.stream()
              .map(input ->
                  threads.submit(() -> {
                    Answer answer = pipeline.infer(input, DEADLINE);
                    onAnswer.run();
                    return answer;
                  }))
              .toList();
      return answers.stream().map(LocalSwarm::get).toList();
    }
  }

  static List<Map<String, Tensor>> inputs(int number) {
    return IntStream.range(0, number).mapToObj(i -> SmallNet.input(i, 1)).toList();
  }

  /** Each answer is what was expected of its request, but for rounding in another order. */
  static void assertRight(List<Answer> answers, List<float[]> expected) {
    assertThat(answers).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      float[] want = expected.get(i);
      float[] got = SmallNet.output(answers.get(i).outputs());
      assertThat(got).as("request %s", i).hasSameSizeAs(want);
      for (int j = 0; j < want.length; j++) {
        assertThat(got[j]).as("request %s, value %s", i, j).isCloseTo(want[j], within(ROUNDING));
      }
    }
  }

  /** What {@code asked} says about itself, as {@code asker} hears it. */
  static DeviceReport report(Node asker, Node asked) {
    return asker.refresh().stream()
        .filter(report -> report.node().equals(asked.id()))
        .findFirst()
        .orElseThrow(() -> new AssertionError(asker.name(asked.id()) + " did not answer"));
  }

  static void eventually(Duration within, Object told, BooleanSupplier condition) {
    long end = System.nanoTime() + within.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("%s within %s", told, within).isLessThan(end);
      pause(20);
    }
  }

  static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static <T> T get(Future<T> future) {
    try {
      return future.get();
    } catch (Exception e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    nodes.reversed().forEach(Node::close);
  }
}
