package dev.skein.node;

import static dev.skein.node.LocalSwarm.askAll;
import static dev.skein.node.LocalSwarm.assertRight;
import static dev.skein.node.LocalSwarm.computing;
import static dev.skein.node.LocalSwarm.eventually;
import static dev.skein.node.LocalSwarm.inputs;
import static dev.skein.node.LocalSwarm.report;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.cost.ChainCosts;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Segment;
import dev.skein.graph.Segments;
import dev.skein.graph.Weight;
import dev.skein.infer.InferenceException;
import dev.skein.infer.Pipeline;
import dev.skein.infer.Workload;
import dev.skein.plan.ExactPlanner;
import dev.skein.plan.Goal;
import dev.skein.plan.Plan;
import dev.skein.plan.Planner;
import dev.skein.plan.Stage;
import dev.skein.plan.Swarm;
import dev.skein.store.Digests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Where weights go, and what memory they find there. */
@Timeout(60)
class WeightsTest {
  private static final Model MODEL = SmallNet.model(1);
  private static final long BLOB_BYTES = 1024;
  private static final long PLENTY = 1L << 30;
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
  void aNodeHoldsTheWeightsOfItsOwnStageAndNoOthers() throws IOException {
    swarm.add("a");
    swarm.add("b");
    Node requester = swarm.addRequester("asker");
    Workload workload = requester.survey(MODEL, SmallNet.input(0, 1));

    try (Pipeline pipeline = LocalSwarm.open(requester, workload, SplitPlanner.over("a", "b"))) {
      Set<String> first = weights(workload, pipeline.plan().stages().get(0));
      Set<String> second = weights(workload, pipeline.plan().stages().get(1));
      assertThat(first).isNotEmpty().doesNotContainAnyElementsOf(second);
      assertThat(second).isNotEmpty();

      Set<String> structure = Set.of(workload.structure().sha256());
      assertThat(blobs("a")).isEqualTo(union(first, structure));
      assertThat(blobs("b")).isEqualTo(union(second, structure));
      assertThat(blobs("asker")).isEmpty();
    }
  }

  @Test
  void weightsComeFromAnyPeerThatHasThemNotOnlyFromWhoAsks() {
    Node holder = swarm.addRequester("holder");
    swarm.add("a");
    Node asker = swarm.addRequester("asker");
    Workload workload = holder.survey(MODEL, SmallNet.input(0, 1));
    try (Pipeline pipeline = LocalSwarm.open(asker, workload, SplitPlanner.over("a"))) {
      assertRight(askAll(pipeline, inputs(3)), SmallNet.plain(MODEL, inputs(3)));
    }

    swarm.close(holder);

    swarm.add("b");
    try (Pipeline pipeline = LocalSwarm.open(asker, workload, SplitPlanner.over("b"))) {
      assertRight(askAll(pipeline, inputs(3)), SmallNet.plain(MODEL, inputs(3)));
    }
  }

  @Test
  void weightsThatNobodyHasEndInOneLine() {
    Node holder = swarm.addRequester("holder");
    swarm.add("a");
    Node asker = swarm.addRequester("asker");
    Workload workload = holder.survey(MODEL, SmallNet.input(0, 1));
    swarm.close(holder);

    assertThatThrownBy(() -> LocalSwarm.open(asker, workload, SplitPlanner.over("a")))
        .isInstanceOf(InferenceException.class)
        .hasMessageStartingWith("a: ")
        .hasMessageContaining(workload.structure().sha256().substring(0, 12))
        .message()
        .doesNotContain("\n");
  }

  @Test
  void aReleasedSegmentIsUsedAgainWithoutAnythingFetched() throws IOException {
    Node a = swarm.add("a");
    Node requester = swarm.addRequester("asker");
    Workload workload = requester.survey(MODEL, SmallNet.input(0, 1));
    RecordingNeighbours neighbours = new RecordingNeighbours(requester.neighbours());
    requester.refresh();

    open(neighbours, workload, SplitPlanner.over("a")).close();
    assertThat(neighbours.prepared.get(a.id()).fetchedBytes()).isGreaterThan(BLOB_BYTES);
    delete(swarm.home("a").resolve("blobs"));

    try (Pipeline pipeline = open(neighbours, workload, SplitPlanner.over("a"))) {
      assertThat(neighbours.prepared.get(a.id()).fetchedBytes()).isZero();
      assertThat(blobs("a")).isEmpty();
      assertRight(askAll(pipeline, inputs(3)), SmallNet.plain(MODEL, inputs(3)));
    }
  }

  @Test
  void aNodeThatWasRestartedTakesWeightsFromItsDisk() {
    Node a = swarm.add("a");
    Node requester = swarm.addRequester("asker");
    Workload workload = requester.survey(MODEL, SmallNet.input(0, 1));
    LocalSwarm.open(requester, workload, SplitPlanner.over("a")).close();
    swarm.close(a);
    a = swarm.add("a");

    RecordingNeighbours neighbours = new RecordingNeighbours(requester.neighbours());
    requester.refresh();
    try (Pipeline pipeline = open(neighbours, workload, SplitPlanner.over("a"))) {
      assertThat(neighbours.prepared.get(a.id()).fetchedBytes()).isZero();
      assertThat(neighbours.prepared.get(a.id()).weightBytes()).isGreaterThan(BLOB_BYTES);
      assertRight(askAll(pipeline, inputs(3)), SmallNet.plain(MODEL, inputs(3)));
    }
  }

  @Test
  void aModelThatNobodyUsesMakesRoomForTheNext() {
    Node requester = swarm.addRequester("asker");
    Workload one = requester.survey(MODEL, SmallNet.input(0, 1));
    Model other = SmallNet.model(2);
    Workload two = requester.survey(other, SmallNet.input(0, 1));
    long bytes = one.costs().weightBytes();
    swarm.add("a", computing(1, bytes * 3 / 2));

    for (int round = 0; round < 3; round++) {
      try (Pipeline pipeline = LocalSwarm.open(requester, one, SplitPlanner.over("a"))) {
        assertRight(askAll(pipeline, inputs(3)), SmallNet.plain(MODEL, inputs(3)));
      }
      try (Pipeline pipeline = LocalSwarm.open(requester, two, SplitPlanner.over("a"))) {
        assertRight(askAll(pipeline, inputs(3)), SmallNet.plain(other, inputs(3)));
      }
    }
  }

  @Test
  void memoryInUseIsToldAndGivenBack() {
    Node a = swarm.add("a", computing(1, PLENTY));
    Node requester = swarm.addRequester("asker");
    Workload workload = requester.survey(MODEL, SmallNet.input(0, 1));

    try (Pipeline _ = LocalSwarm.open(requester, workload, SplitPlanner.over("a"))) {
      assertThat(PLENTY - report(requester, a).memoryFreeBytes())
          .isBetween(workload.costs().weightBytes(), 2 * workload.costs().weightBytes());
    }
    eventually(SOON, "given back", () -> report(requester, a).memoryFreeBytes() == PLENTY);
  }

  @Test
  void whoHasTooLittleMemoryGetsNoWork() {
    Node requester = swarm.addRequester("asker");
    Workload workload = requester.survey(MODEL, SmallNet.input(0, 1));
    swarm.add("small", computing(1, 500));
    swarm.add("big", computing(50, PLENTY));
    requester.refresh();

    for (Goal goal : Goal.values()) {
      try (Pipeline pipeline =
          Pipeline.open(requester.neighbours(), workload, new ExactPlanner(), goal, node -> true)) {
        assertThat(LocalSwarm.names(requester, pipeline)).containsOnly("big");
      }
    }
  }

  @Test
  void aModelTooBigForEachIsSplitOverAll() {
    Node requester = swarm.addRequester("asker");
    Workload workload = requester.survey(MODEL, SmallNet.input(0, 1));
    long memory = workload.costs().weightBytes() * 7 / 10;
    swarm.add("a", computing(1, memory));
    swarm.add("b", computing(1, memory));
    LocalSwarm.refreshWithLinks(requester);

    try (Pipeline pipeline =
        Pipeline.open(
            requester.neighbours(), workload, new ExactPlanner(), Goal.LATENCY, node -> true)) {
      assertThat(LocalSwarm.names(requester, pipeline)).containsOnly("a", "b").hasSizeBetween(2, 4);
      assertRight(askAll(pipeline, inputs(10)), SmallNet.plain(MODEL, inputs(10)));
    }
  }

  @Test
  void aModelTooBigForAllTogetherIsRefusedWithWhatItNeedsAndWhatThereIs() {
    Node requester = swarm.addRequester("asker");
    Workload workload = requester.survey(MODEL, SmallNet.input(0, 1));
    swarm.add("a", computing(1, 19_000));
    swarm.add("b", computing(1, 12_000));
    LocalSwarm.refreshWithLinks(requester);

    assertThatThrownBy(() ->
            Pipeline.open(
                requester.neighbours(),
                workload,
                new ExactPlanner(),
                Goal.THROUGHPUT,
                node -> true))
        .isInstanceOf(InferenceException.class)
        .hasMessageContaining("needs ")
        .hasMessageContaining("%.1f kB of weights".formatted(workload.costs().weightBytes() / 1e3))
        .hasMessageContaining("a 19.0 kB")
        .hasMessageContaining("b 12.0 kB")
        .message()
        .doesNotContain("\n");
  }

  /** The planner may be mistaken, or somebody else may have come first. */
  @Test
  void aNodeDoesNotTakeMoreThanItsMemoryWhateverThePlanSays() {
    swarm.add("small", computing(1, 5000));
    swarm.add("big");
    Node requester = swarm.addRequester("asker");
    Workload workload = requester.survey(MODEL, SmallNet.input(0, 1));

    assertThatThrownBy(() -> LocalSwarm.open(requester, workload, SplitPlanner.over("small")))
        .isInstanceOf(InferenceException.class)
        .hasMessageMatching(
            "small: .*: the segment needs 4\\d\\.\\d kB and 5\\.0 of 5\\.0 kB are free here");

    try (Pipeline pipeline =
        LocalSwarm.open(requester, workload, SplitPlanner.over("small", "big"))) {
      assertThat(LocalSwarm.names(requester, pipeline)).containsExactly("big");
      assertRight(askAll(pipeline, inputs(3)), SmallNet.plain(MODEL, inputs(3)));
    }
  }

  @Test
  void aDeviceWhoseMemoryIsTakenIsLeftOutAsLongAsItIs() {
    Node requester = swarm.addRequester("asker");
    Workload one = requester.survey(MODEL, SmallNet.input(0, 1));
    Workload two = requester.survey(SmallNet.model(2), SmallNet.input(0, 1));
    swarm.add("a", computing(1, one.costs().weightBytes() * 3 / 2));
    swarm.add("b");
    SplitPlanner planner = SplitPlanner.over("a", "b");

    try (Pipeline _ = LocalSwarm.open(requester, one, SplitPlanner.over("a"))) {
      try (Pipeline pipeline = LocalSwarm.open(requester, two, new WholeOn("a", "b"))) {
        assertThat(LocalSwarm.names(requester, pipeline)).containsExactly("b");
      }
    }
    try (Pipeline pipeline = LocalSwarm.open(requester, two, planner)) {
      assertThat(LocalSwarm.names(requester, pipeline)).containsExactly("a", "b");
    }
  }

  /** The whole model on the first of these that is there. */
  private record WholeOn(String first, String second) implements Planner {
    @Override
    public Plan plan(ChainCosts costs, Swarm swarm, Goal goal) {
      boolean there = swarm.devices().stream().anyMatch(device -> device.name().equals(first));
      return SplitPlanner.over(there ? first : second).plan(costs, swarm, goal);
    }
  }

  private static Pipeline open(
      RecordingNeighbours neighbours, Workload workload, SplitPlanner planner) {
    return Pipeline.open(neighbours, workload, planner, Goal.LATENCY, node -> true);
  }

  /** Addresses of a stage's weights that travel as blobs. */
  private static Set<String> weights(Workload workload, Stage stage) {
    Segment segment =
        new Segment(workload.cuts().get(stage.from()), workload.cuts().get(stage.to()));
    Graph graph = Segments.extract(MODEL.graph(), segment);
    Set<String> addresses = new TreeSet<>();
    for (Weight weight : graph.weights().values()) {
      if (weight instanceof Weight.Held held && weight.bytes() >= BLOB_BYTES) {
        addresses.add(Digests.sha256(held.tensor().data()));
      }
    }
    return addresses;
  }

  private Set<String> blobs(String device) throws IOException {
    Set<String> names = new TreeSet<>();
    try (Stream<Path> files = Files.walk(swarm.home(device).resolve("blobs"))) {
      files
          .filter(Files::isRegularFile)
          .map(file -> file.getFileName().toString())
          .filter(file -> !file.startsWith("."))
          .forEach(names::add);
    }
    return names;
  }

  private static void delete(Path blobs) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(blobs)) {
      files =
          all.filter(Files::isRegularFile)
              .filter(file -> !file.getFileName().toString().startsWith("."))
              .toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
  }

  private static Set<String> union(Set<String> one, Set<String> other) {
    Set<String> both = new TreeSet<>(one);
    both.addAll(other);
    return both;
  }
}
