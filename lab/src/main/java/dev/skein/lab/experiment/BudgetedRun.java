package dev.skein.lab.experiment;

import dev.skein.architecture.Architectures;
import dev.skein.engine.BudgetedSession;
import dev.skein.engine.Race;
import dev.skein.engine.ResidentMemory;
import dev.skein.engine.Session;
import dev.skein.engine.SessionOptions;
import dev.skein.engine.ShapeProbe;
import dev.skein.graph.Model;
import dev.skein.onnx.OnnxReader;
import dev.skein.tensor.Difference;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Tensor;
import dev.skein.tensor.TensorSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A process of its own that runs one model, so that its resident memory is the model's. Prints
 * {@code name value} lines; bytes and milliseconds.
 */
public final class BudgetedRun {
  private static final SessionOptions OPTIONS = SessionOptions.defaults();
  private static final int WARM_RUNS = 20;
  private static final int RUNS = 30;

  private BudgetedRun() {}

  /**
   * @param args the model's file, then {@code free} or a budget in bytes, then seconds to race
   */
  public static void main(String[] args) throws InterruptedException {
    warmUp();
    Model model = OnnxReader.read(Path.of(args[0]));
    Map<String, Tensor> inputs = noise(model);
    if (args[1].equals("free")) {
      free(model, inputs);
    } else {
      budgeted(model, inputs, Long.parseLong(args[1]), Duration.ofSeconds(Long.parseLong(args[2])));
    }
  }

  /** Loads and compiles what every model needs, so that it counts for none. */
  private static void warmUp() {
    Model small = Architectures.model("mobilenetv2", 32, 10, 1);
    Map<String, Tensor> inputs = noise(small);
    try (Session session = Session.open(small, OPTIONS)) {
      session.warmUp(inputs, WARM_RUNS);
    }
    long budget = BudgetedSession.least(small, specs(inputs), OPTIONS);
    try (BudgetedSession session = BudgetedSession.open(small, budget, specs(inputs), OPTIONS)) {
      session.warmUp(inputs, WARM_RUNS);
    }
  }

  private static void free(Model model, Map<String, Tensor> inputs) throws InterruptedException {
    long before = settled();
    ResidentMemory.resetPeak();
    long opening;
    long peak;
    try (Session session = Session.open(model, OPTIONS)) {
      opening = ResidentMemory.now().peak();
      settled();
      ResidentMemory.resetPeak();
      session.warmUp(inputs, RUNS);
      peak = ResidentMemory.now().peak();
    }
    added(before, opening, peak);
    print("least", BudgetedSession.least(model, specs(inputs), OPTIONS));
  }

  private static void budgeted(Model model, Map<String, Tensor> inputs, long budget, Duration time)
      throws InterruptedException {
    long before = settled();
    ResidentMemory.resetPeak();
    long opening;
    long peak;
    try (BudgetedSession session = BudgetedSession.open(model, budget, specs(inputs), OPTIONS)) {
      opening = ResidentMemory.now().peak();
      settled();
      ResidentMemory.resetPeak();
      session.warmUp(inputs, RUNS);
      peak = ResidentMemory.now().peak();
    }
    added(before, opening, peak);
    try (BudgetedSession session = BudgetedSession.open(model, budget, specs(inputs), OPTIONS)) {
      print("planned", session.plannedBytes());
      print("reloaded", session.reloadedBytes());
      print("segments", session.segments().size());
      compare(model, session, inputs, time);
    }
  }

  /**
   * What is there when the model is closed is not the model's: Java's own code, loaded and compiled
   * on the way, a few MB of it.
   */
  private static void added(long before, long opening, long peak) throws InterruptedException {
    long base = settled();
    print("before", before);
    print("base", base);
    print("opening", opening - base);
    print("peak", peak - base);
  }

  private static void compare(
      Model model, BudgetedSession budgeted, Map<String, Tensor> inputs, Duration time) {
    try (Session plain = Session.open(model, OPTIONS)) {
      Map<String, Double> millis =
          Race.run(
              List.of(
                  Race.Contender.of("free", plain, inputs),
                  new Race.Contender("budgeted", true, () -> budgeted.run(inputs))),
              time);
      System.out.println("free_millis " + millis.get("free"));
      System.out.println("millis " + millis.get("budgeted"));
      System.out.println("difference " + Difference.of(plain.run(inputs), budgeted.run(inputs)));
    }
  }

  /** Resident bytes when all garbage is gone: tensors of earlier runs, files once mapped. */
  private static long settled() throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      System.gc();
      Thread.sleep(50);
    }
    return ResidentMemory.now().total();
  }

  private static void print(String name, long value) {
    System.out.println(name + " " + value);
  }

  private static Map<String, TensorSpec> specs(Map<String, Tensor> inputs) {
    Map<String, TensorSpec> specs = new LinkedHashMap<>();
    inputs.forEach((name, tensor) -> specs.put(name, TensorSpec.of(tensor)));
    return specs;
  }

  private static Map<String, Tensor> noise(Model model) {
    Random random = new Random(7);
    Map<String, Tensor> inputs = ShapeProbe.zeros(model, Map.of());
    for (Tensor tensor : inputs.values()) {
      if (tensor.type() == ElementType.FLOAT) {
        for (long i = 0; i < tensor.shape().elements(); i++) {
          tensor.data().setAtIndex(Tensor.FLOAT, i, (float) random.nextGaussian());
        }
      }
    }
    return inputs;
  }
}
