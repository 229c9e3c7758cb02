package dev.skein.engine;

import dev.skein.tensor.Tensor;
import java.time.Duration;
import java.util.Map;

/** How fast this machine is, by the time that a fixed model takes on it. */
public final class Calibration {
  private static final Duration BUDGET = Duration.ofMillis(200);
  private static final Duration DEADLINE = Duration.ofMinutes(1);
  private static final int LEAST_RUNS = 3;
  private static final int MOST_RUNS = 40;

  private Calibration() {}

  /**
   * Milliseconds of CPU that a built-in model of convolutions and a matrix product takes on one
   * thread; the best of several runs, within a quarter of a second in all on an ordinary machine.
   * Two machines' times compare their speed.
   *
   * @throws EngineException if ONNX Runtime cannot be used here
   */
  public static double referenceMillis() {
    return CpuTime.onPlatformThread("measuring this machine", DEADLINE, Calibration::measure);
  }

  private static double measure() {
    Map<String, Tensor> input = ReferenceModel.input();
    try (Session session = Session.open(ReferenceModel.build(), SessionOptions.defaults())) {
      session.warmUp(input, LEAST_RUNS);
      long start = System.nanoTime();
      long best = Long.MAX_VALUE;
      for (int runs = 0; runs < MOST_RUNS; runs++) {
        if (runs >= LEAST_RUNS && System.nanoTime() - start > BUDGET.toNanos()) {
          break;
        }
        long before = CpuTime.nanos();
        session.run(input);
        best = Math.min(best, CpuTime.nanos() - before);
      }
      return best / 1e6;
    }
  }
}
