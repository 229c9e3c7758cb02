package dev.skein.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.graph.Attribute;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Opaque;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SessionLifeTest {
  @Test
  void threadsShareOneSession() throws Exception {
    Model model = Graphs.sum();
    try (Session session = Session.open(model, SessionOptions.defaults());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> done = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        int number = thread;
        done.add(threads.submit(() -> allRight(session, number)));
      }
      for (Future<Boolean> each : done) {
        assertThat(each.get(30, TimeUnit.SECONDS)).isTrue();
      }
    }
  }

  private static boolean allRight(Session session, int number) {
    for (int run = 0; run < 200; run++) {
      int batch = 1 + (run + number) % 3;
      float[] values = new float[batch * 3];
      java.util.Arrays.fill(values, number * 1000 + run);
      Tensor a = Tensor.ofFloats(Shape.of(batch, 3), values);
      float[] y = session.run(Map.of("a", a, "b", a)).get("y").toFloats();
      for (float value : y) {
        if (y.length != values.length || value != 2 * values[0]) {
          return false;
        }
      }
    }
    return true;
  }

  @Test
  void closingWaitsForRunsUnderWayAndRefusesLaterOnes() throws Exception {
    Model model = Graphs.heavy(256, 20);
    Map<String, Tensor> inputs = ShapeProbe.zeros(model, Map.of());
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int round = 0; round < 5; round++) {
        Session session = Session.open(model, SessionOptions.defaults());
        CountDownLatch started = new CountDownLatch(4);
        Callable<String> untilRefused =
            () -> {
              while (true) {
                try {
                  session.run(inputs);
                  started.countDown();
                } catch (EngineException e) {
                  return e.getMessage();
                }
              }
            };
        List<Future<String>> ends = new ArrayList<>();
        for (int thread = 0; thread < 4; thread++) {
          ends.add(threads.submit(untilRefused));
        }
        started.await();
        session.close();
        for (Future<String> end : ends) {
          assertThat(end.get(30, TimeUnit.SECONDS)).isEqualTo("model 'small' is closed");
        }
      }
    }
  }

  @Tag("slow")
  @Test
  void closingStopsARunThatWouldNeverEnd() throws Exception {
    Session session = Session.open(endless(), SessionOptions.defaults());
    Tensor x = Tensor.ofFloats(Shape.of(1), 1);
    FutureTask<String> run =
        new FutureTask<>(() -> {
          try {
            return session.run(Map.of("x", x)).toString();
          } catch (EngineException e) {
            return e.getMessage();
          }
        });
    Thread thread = Thread.ofPlatform().daemon().start(run);
    while (thread.getState() != Thread.State.RUNNABLE) {
      Thread.onSpinWait();
    }
    LockSupport.parkNanos(100_000_000);
    session.close();
    assertThat(run.get(1, TimeUnit.SECONDS)).contains("terminate").hasLineCount(1);
  }

  /** Doubles x without end. */
  private static Model endless() {
    Value scalar = Value.of("step", new TensorType(ElementType.INT64, List.of()));
    Value go = Value.of("go", new TensorType(ElementType.BOOL, List.of()));
    Value still = Value.of("still", new TensorType(ElementType.BOOL, List.of()));
    Graph body =
        new Graph(
            "body",
            List.of(scalar, go, Graphs.input("v", ElementType.FLOAT, 1)),
            List.of(still, Graphs.input("w", ElementType.FLOAT, 1)),
            List.of(
                Node.of("Identity", List.of("go"), List.of("still")),
                Node.of("Add", List.of("v", "v"), List.of("w"))),
            Map.of(),
            List.of(),
            Opaque.NONE);
    return Graphs.model(
        List.of(Graphs.input("x", ElementType.FLOAT, 1)),
        List.of(Graphs.input("y", ElementType.FLOAT, 1)),
        Map.of("most", Tensor.ofLongs(Shape.of(), Long.MAX_VALUE)),
        Node.of("Loop", List.of("most", "", "x"), List.of("y"))
            .with("body", new Attribute.OfGraph(body)));
  }

  @Test
  void closingTwiceIsHarmless() {
    Session session = Session.open(Graphs.sum(), SessionOptions.defaults());
    session.close();
    session.close();
    Tensor a = Tensor.allocate(ElementType.FLOAT, Shape.of(1, 3));
    assertThatThrownBy(() -> session.run(Map.of("a", a, "b", a)))
        .isInstanceOf(EngineException.class)
        .hasMessage("model 'small' is closed");
  }

  @Test
  void manyRunsDoNotGrowMemory() {
    Model model = Graphs.heavy(128, 2);
    Map<String, Tensor> inputs = ShapeProbe.zeros(model, Map.of());
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      session.warmUp(inputs, 300);
      long before = residentKilobytes();
      session.warmUp(inputs, 1000);
      // What leaked would be at least 1000 × 64 kB.
      comesBelow(before + 32_000);
    }
  }

  @Test
  void openingAndClosingDoesNotGrowMemory() {
    Model model = Graphs.heavy(1024, 1);
    Map<String, Tensor> inputs = ShapeProbe.zeros(model, Map.of());
    openAndClose(model, inputs, 5);
    long before = residentKilobytes();
    openAndClose(model, inputs, 30);
    // What leaked would be at least 30 × 4 MB.
    comesBelow(before + 40_000);
  }

  private static void openAndClose(Model model, Map<String, Tensor> inputs, int times) {
    for (int i = 0; i < times; i++) {
      try (Session session = Session.open(model, SessionOptions.defaults())) {
        session.run(inputs);
      }
    }
  }

  // Outputs are freed some time after the collector has found them.
  private static void comesBelow(long kilobytes) {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    long now = residentKilobytes();
    while (now >= kilobytes && System.nanoTime() < deadline) {
      System.gc();
      LockSupport.parkNanos(20_000_000);
      NativeHeap.trim();
      now = residentKilobytes();
    }
    assertThat(now).isLessThan(kilobytes);
  }

  private static long residentKilobytes() {
    Path status = Path.of("/proc/self/status");
    Assumptions.assumeTrue(Files.exists(status), "only Linux tells a process its memory");
    try {
      return Files.readAllLines(status).stream()
          .filter(line -> line.startsWith("RssAnon"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
