package dev.skein.lab.experiment;

import dev.skein.cli.Json;
import dev.skein.engine.BudgetedSession;
import dev.skein.engine.Calibration;
import dev.skein.engine.EngineException;
import dev.skein.engine.Race;
import dev.skein.engine.ResidentMemory;
import dev.skein.engine.Session;
import dev.skein.engine.SessionOptions;
import dev.skein.graph.Model;
import dev.skein.onnx.OnnxReader;
import dev.skein.optimize.Samples;
import dev.skein.tensor.Tensor;
import dev.skein.tensor.TensorSpec;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;

/**
 * A process that runs one model within one budget and says what memory it took; a process of its
 * own, so that nothing else is counted.
 */
public final class MemoryRun {
  private static final int SEED = 7;
  private static final int WARM_UPS = 3;

  private MemoryRun() {}

  /** A model that is ready to run, however it is run. */
  private interface Runner {
    Map<String, Tensor> run(Map<String, Tensor> inputs);
  }

  /**
   * @param beforeBytes resident before the model is opened
   * @param baseBytes resident after it is closed: code that was loaded and compiled on the way has
   *     stayed, so that only the model is gone
   * @param peakBytes most resident while it runs
   * @param plannedBytes what the session said it would take; 0 without a budget; the least it would
   *     take, if that is more than the budget
   * @param reloadedBytes weights that are read again in every run
   * @param segments 0 if the budget was too small to run at all
   */
  record Result(
      long beforeBytes,
      long baseBytes,
      long peakBytes,
      long plannedBytes,
      long reloadedBytes,
      int segments,
      double millis) {
    /** What the model adds to the process. */
    long addedBytes() {
      return peakBytes - baseBytes;
    }
  }

  /**
   * @param arguments model file, budget in bytes (0 for none), file for the outputs, seconds
   */
  public static void main(String[] arguments) throws IOException {
    try {
      Model model = OnnxReader.read(Path.of(arguments[0]));
      Map<String, Tensor> sample = Samples.random(model, Map.of(), 1, SEED).getFirst();
      Path outputs = Path.of(arguments[2]);
      Duration time = Duration.ofSeconds(Long.parseLong(arguments[3]));
      // Loads ONNX Runtime, so that the library is in the base.
      Calibration.referenceMillis();
      long budget = Long.parseLong(arguments[1]);
      System.out.println(Json.line(run(model, sample, new Order(budget, outputs, time))));
    } catch (RuntimeException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  /**
   * @param budget 0 for none
   * @param outputs where the results go
   */
  private record Order(long budget, Path outputs, Duration time) {}

  private static Result run(Model model, Map<String, Tensor> sample, Order order)
      throws IOException {
    long before = settled();
    if (order.budget() == 0) {
      Session session = Session.open(model, SessionOptions.defaults());
      double millis = measure(session::run, sample, order);
      long peak = ResidentMemory.now().peak();
      session.close();
      return new Result(before, settled(), peak, 0, 0, 1, millis);
    }
    BudgetedSession session;
    try {
      session =
          BudgetedSession.open(model, order.budget(), specs(sample), SessionOptions.defaults());
    } catch (EngineException e) {
      long least = BudgetedSession.least(model, specs(sample), SessionOptions.defaults());
      if (least <= order.budget()) {
        throw e;
      }
      return new Result(before, before, before, least, 0, 0, 0);
    }
    double millis = measure(session::run, sample, order);
    long peak = ResidentMemory.now().peak();
    session.close();
    return new Result(
        before,
        settled(),
        peak,
        session.plannedBytes(),
        session.reloadedBytes(),
        session.segments().size(),
        millis);
  }

  /** Opening is over by then: the peak is that of running. */
  private static double measure(Runner runner, Map<String, Tensor> sample, Order order)
      throws IOException {
    write(runner.run(sample), order.outputs());
    for (int i = 0; i < WARM_UPS; i++) {
      runner.run(sample);
    }
    settled();
    Runnable turn = () -> runner.run(sample);
    return Objects.requireNonNull(
        Race.run(List.of(new Race.Contender("model", false, turn)), order.time()).get("model"));
  }

  private static Map<String, TensorSpec> specs(Map<String, Tensor> sample) {
    Map<String, TensorSpec> specs = new LinkedHashMap<>();
    sample.forEach((name, tensor) -> specs.put(name, TensorSpec.of(tensor)));
    return specs;
  }

  /** Resident bytes with no garbage about; the peak starts anew. */
  private static long settled() {
    System.gc();
    pause();
    System.gc();
    pause();
    ResidentMemory.resetPeak();
    return ResidentMemory.now().total();
  }

  private static void write(Map<String, Tensor> outputs, Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      for (Tensor output : outputs.values()) {
        channel.write(output.buffer().duplicate());
      }
    }
  }

  /** Unreachable tensors are freed on another thread, after the collection. */
  private static void pause() {
    LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
  }
}
