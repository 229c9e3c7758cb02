package dev.skein.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.skein.graph.Cut;
import dev.skein.graph.Cuts;
import dev.skein.graph.Dim;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Opaque;
import dev.skein.graph.Segment;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.onnx.OnnxWriter;
import dev.skein.store.Digests;
import dev.skein.store.Fetched;
import dev.skein.store.StoreException;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import dev.skein.tensor.TensorSpec;
import dev.skein.wire.BlobRef;
import dev.skein.wire.Endpoint;
import dev.skein.wire.Frame;
import dev.skein.wire.FrameHeader;
import dev.skein.wire.PrepareRequest;
import dev.skein.wire.Route;
import dev.skein.wire.StageTiming;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A worker between a source of blobs and an outbox that the test holds. */
@Timeout(30)
class WorkerTest {
  private static final Endpoint REQUESTER = new Endpoint("127.0.0.1", 1);
  private static final Endpoint NEXT = new Endpoint("127.0.0.1", 2);
  private static final long SEND_SECONDS = 10;

  /** y = -x; z = y + y. */
  private static final Model MODEL = model();

  private static final List<Cut> CUTS = Cuts.of(MODEL.graph(), 4);
  private static final MemorySegment STRUCTURE =
      MemorySegment.ofArray(OnnxWriter.toBytes(MODEL)).asReadOnly();
  private static final BlobRef SKELETON =
      new BlobRef(Digests.sha256(STRUCTURE), STRUCTURE.byteSize());

  private final BlockingQueue<Sent> outbox = new LinkedBlockingQueue<>();
  private final Map<String, RuntimeException> unreachable = new HashMap<>();
  private final Worker worker =
      new Worker(
          "me",
          new Device(new Capacity(1, 1, 1, 1 << 20)),
          (wanted, deadline) -> {
            if (!List.of(SKELETON).containsAll(wanted)) {
              throw new StoreException("nobody has " + wanted);
            }
            return new Fetched(Map.of(SKELETON.sha256(), STRUCTURE), STRUCTURE.byteSize());
          },
          (node, endpoint, frame) -> {
            if (unreachable.containsKey(node)) {
              throw unreachable.get(node);
            }
            outbox.add(new Sent(node, endpoint, frame));
          });

  private record Sent(String node, Endpoint endpoint, Frame frame) {}

  @AfterEach
  void close() {
    worker.close();
  }

  @Test
  void theModelHasThreeCuts() {
    assertThat(CUTS).hasSize(3);
  }

  @Test
  void theLastStageAnswersTheRequester() throws InterruptedException {
    worker.prepare(request("d", 1, 1));
    worker.accept(frame("d", 7, 1, Map.of("y", floats(1, 2, 3))));

    Sent sent = outbox.poll(SEND_SECONDS, TimeUnit.SECONDS);
    assertThat(sent.node()).isEqualTo("asker");
    assertThat(sent.endpoint()).isEqualTo(REQUESTER);
    FrameHeader header = sent.frame().header();
    assertThat(header.stage()).isEqualTo(2);
    assertThat(header.request()).isEqualTo(7);
    assertThat(header.attempt()).isEqualTo(1);
    assertThat(header.failure()).isNull();
    assertThat(sent.frame().tensors()).containsOnlyKeys("z");
    assertThat(sent.frame().tensors().get("z").toFloats()).containsExactly(2, 4, 6);
  }

  @Test
  void anEarlierStageHandsOnToTheNextOneWithWhatItTook() throws InterruptedException {
    worker.prepare(request("d", 0, 1));
    worker.accept(frame("d", 7, 0, Map.of("x", floats(1, 2, 3))));

    Sent sent = outbox.poll(SEND_SECONDS, TimeUnit.SECONDS);
    assertThat(sent.node()).isEqualTo("next");
    assertThat(sent.endpoint()).isEqualTo(NEXT);
    assertThat(sent.frame().header().stage()).isEqualTo(1);
    assertThat(sent.frame().tensors().get("y").toFloats()).containsExactly(-1, -2, -3);
    assertThat(sent.frame().header().timings())
        .extracting(StageTiming::node, StageTiming::bytesSent)
        .containsExactly(tuple("me", 12L));
  }

  @Test
  void framesOfOneStageKeepTheirOrder() throws InterruptedException {
    worker.prepare(request("d", 0, 8));
    for (int i = 0; i < 8; i++) {
      worker.accept(frame("d", i, 0, Map.of("x", floats(i, 1, 2))));
    }
    for (int i = 0; i < 8; i++) {
      Sent sent = outbox.poll(SEND_SECONDS, TimeUnit.SECONDS);
      assertThat(sent.frame().header().request()).isEqualTo(i);
      assertThat(sent.frame().tensors().get("y").toFloats()).containsExactly(-1f * i, -1, -2);
    }
  }

  @Test
  void aSegmentWithoutOperatorsPassesItsValuesOn() throws InterruptedException {
    Segment nothing = new Segment(CUTS.get(1), CUTS.get(1));
    worker.prepare(request("d", List.of(route("me", nothing)), 0, Map.of("y", spec(3))));
    worker.accept(frame("d", 7, 0, Map.of("y", floats(4, 5, 6), "unwanted", floats(1))));

    Sent sent = outbox.poll(SEND_SECONDS, TimeUnit.SECONDS);
    assertThat(sent.frame().tensors()).containsOnlyKeys("y");
    assertThat(sent.frame().tensors().get("y").toFloats()).containsExactly(4, 5, 6);
  }

  @Test
  void whatTheModelRefusesIsTheRequestersToHear() throws InterruptedException {
    worker.prepare(request("d", 0, 1));
    worker.accept(frame("d", 7, 0, Map.of()));
    worker.accept(frame("d", 8, 0, Map.of("x", Tensor.ofLongs(Shape.of(3), 1, 2, 3))));
    worker.accept(frame("d", 9, 0, Map.of("x", floats(1, 2, 3))));

    assertThat(failure(7)).contains("'x' did not arrive");
    assertThat(failure(8)).contains("'x'");
    assertThat(outbox.poll(SEND_SECONDS, TimeUnit.SECONDS).node()).isEqualTo("next");
  }

  private String failure(long request) throws InterruptedException {
    Sent sent = outbox.poll(SEND_SECONDS, TimeUnit.SECONDS);
    assertThat(sent.node()).isEqualTo("asker");
    assertThat(sent.frame().header().request()).isEqualTo(request);
    assertThat(sent.frame().header().stage()).as("an answer").isEqualTo(2);
    assertThat(sent.frame().tensors()).isEmpty();
    return sent.frame().header().failure();
  }

  @Test
  void aNextNodeThatCannotBeReachedIsTheRequestersToHear() throws InterruptedException {
    unreachable.put("next", new WorkerException("gone"));
    worker.prepare(request("d", 0, 1));
    worker.accept(frame("d", 7, 0, Map.of("x", floats(1, 2, 3))));

    assertThat(failure(7)).isEqualTo(Worker.UNREACHABLE + "next: gone");
  }

  @Test
  void aRequesterThatIsGoneDoesNotStopTheStage() throws InterruptedException {
    unreachable.put("asker", new WorkerException("gone"));
    worker.prepare(request("d", 0, 1));
    worker.accept(frame("d", 7, 0, Map.of()));
    worker.accept(frame("d", 8, 0, Map.of("x", floats(1, 2, 3))));

    assertThat(outbox.poll(SEND_SECONDS, TimeUnit.SECONDS).node()).isEqualTo("next");
  }

  @Test
  void framesForWhatIsNotPreparedAreRefused() throws InterruptedException {
    worker.prepare(request("d", 0, 1));

    assertThatThrownBy(() -> worker.accept(frame("other", 1, 0, Map.of())))
        .isInstanceOf(WorkerException.class)
        .hasMessage("deployment other stage 0 is not prepared here");
    assertThatThrownBy(() -> worker.accept(frame("d", 1, 1, Map.of())))
        .isInstanceOf(WorkerException.class);
  }

  @Test
  void aReleasedDeploymentIsGoneAndOthersAreNot() throws InterruptedException {
    worker.prepare(request("d", 0, 1));
    worker.prepare(request("d", 1, 1));
    worker.prepare(request("e", 0, 1));
    assertThat(worker.deployments()).containsExactly("d", "e");

    worker.release("d");
    worker.release("unknown");

    assertThat(worker.deployments()).containsExactly("e");
    assertThatThrownBy(() -> worker.accept(frame("d", 1, 0, Map.of())))
        .isInstanceOf(WorkerException.class);
    worker.accept(frame("e", 7, 0, Map.of("x", floats(1, 2, 3))));
    assertThat(outbox.poll(SEND_SECONDS, TimeUnit.SECONDS).node()).isEqualTo("next");
  }

  @Test
  void allOfARequestersDeploymentsGoWithIt() throws InterruptedException {
    worker.prepare(request("d", 0, 1));
    worker.prepare(request("e", 0, 1));

    worker.releaseOf("somebody else");
    assertThat(worker.deployments()).containsExactly("d", "e");
    worker.releaseOf("asker");
    assertThat(worker.deployments()).isEmpty();
  }

  @Test
  void aStagePreparedAgainTakesTheFormersPlace() throws InterruptedException {
    worker.prepare(request("d", 0, 1));
    worker.prepare(request("d", 0, 1));
    worker.accept(frame("d", 7, 0, Map.of("x", floats(1, 2, 3))));

    assertThat(outbox.poll(SEND_SECONDS, TimeUnit.SECONDS).frame().header().request()).isEqualTo(7);
    assertThat(worker.deployments()).containsExactly("d");
  }

  @Test
  void aSegmentThatTheModelDoesNotHaveTakesNoMemory() {
    long free = worker.freeBytes();
    Segment invented = new Segment(CUTS.get(0), new Cut(99, List.of("z")));

    assertThatThrownBy(() ->
            worker.prepare(request("d", List.of(route("me", invented)), 0, Map.of("x", spec(3)))))
        .isInstanceOf(RuntimeException.class)
        .message()
        .isNotBlank()
        .doesNotContain("\n");
    assertThat(worker.deployments()).isEmpty();
    assertThat(worker.freeBytes()).isEqualTo(free);
  }

  @Test
  void aSampleThatDoesNotFitTheModelTakesNoMemory() {
    long free = worker.freeBytes();
    assertThatThrownBy(() ->
            worker.prepare(
                request(
                    "d",
                    List.of(route("me", new Segment(CUTS.get(0), CUTS.get(1)))),
                    0,
                    Map.of("q", spec(3)))))
        .isInstanceOf(WorkerException.class)
        .hasMessageContaining("'x'");
    assertThat(worker.freeBytes()).isEqualTo(free);
    assertThat(worker.deployments()).isEmpty();
  }

  @Test
  void impossibleCapacitiesAreNamed() {
    for (double slowdown : new double[] {0, 0.5, -1, 10_001, Double.NaN}) {
      assertThatThrownBy(() -> new Capacity(1, slowdown, 1, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(Double.toString(slowdown));
    }
    for (double share : new double[] {0, 1.5, -1, Double.NaN}) {
      assertThatThrownBy(() -> new Capacity(1, 1, share, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(Double.toString(share));
    }
  }

  private static PrepareRequest request(String deployment, int stage, int window) {
    List<Route> routes =
        List.of(
            route(stage == 0 ? "me" : "before", new Segment(CUTS.get(0), CUTS.get(1))),
            route(stage == 0 ? "next" : "me", new Segment(CUTS.get(1), CUTS.get(2))));
    Map<String, TensorSpec> sample = Map.of(stage == 0 ? "x" : "y", spec(3));
    return new PrepareRequest(
        deployment, "asker", REQUESTER, SKELETON, routes, stage, sample, window);
  }

  private static PrepareRequest request(
      String deployment, List<Route> routes, int stage, Map<String, TensorSpec> sample) {
    return new PrepareRequest(deployment, "asker", REQUESTER, SKELETON, routes, stage, sample, 1);
  }

  private static Route route(String node, Segment segment) {
    return new Route(node, NEXT, segment);
  }

  private static Frame frame(
      String deployment, long request, int stage, Map<String, Tensor> tensors) {
    return new Frame(new FrameHeader(deployment, request, 1, stage, List.of(), null), tensors);
  }

  private static Tensor floats(float... values) {
    return Tensor.ofFloats(Shape.of(values.length), values);
  }

  private static TensorSpec spec(long size) {
    return new TensorSpec(ElementType.FLOAT, Shape.of(size));
  }

  private static Model model() {
    TensorType type = new TensorType(ElementType.FLOAT, List.of(Dim.named("N")));
    Graph graph =
        new Graph(
            "tiny",
            List.of(Value.of("x", type)),
            List.of(Value.of("z", type)),
            List.of(
                Node.of("Neg", List.of("x"), List.of("y")),
                Node.of("Add", List.of("y", "y"), List.of("z"))),
            Map.of(),
            List.of(Value.of("y", type)),
            Opaque.NONE);
    return new Model(graph, 8, Map.of("", 17L), Map.of(), Opaque.NONE);
  }
}
