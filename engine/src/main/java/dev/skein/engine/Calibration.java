package dev.skein.engine;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** How fast this machine is, by the time that a fixed model takes on it. */
public final class Calibration {
  private static final Duration BUDGET = Duration.ofMillis(250);
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final int WARM_UPS = 3;
  private static final int MOST_RUNS = 40;

  private Calibration() {}

  /**
   * Milliseconds of CPU that a built-in model of convolutions and a matrix product takes on one
   * thread; the best of several runs, a quarter of a second in all on an ordinary machine. Two
   * machines' times compare their speed; other work on the machine hardly changes it, since only
   * the thread's own time counts where the system can tell it.
   *
   * @throws EngineException if ONNX Runtime cannot be used here
   */
  public static double referenceMillis() {
    // The clock counts the time of a platform thread, and the caller may be a virtual one.
    FutureTask<Double> task = new FutureTask<>(Calibration::measure);
    Thread.ofPlatform().daemon().name("skein-calibration").start(task);
    try {
      return task.get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException("interrupted while measuring this machine", e);
    } catch (TimeoutException e) {
      throw new EngineException(
          "this machine did not finish its measurement within " + DEADLINE.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof EngineException cause) {
        throw cause;
      }
      throw new EngineException("this machine cannot be measured: " + e.getCause(), e);
    }
  }

  private static double measure() {
    var input = ReferenceModel.input();
    try (Session session = Session.open(ReferenceModel.build(), SessionOptions.defaults())) {
      session.warmUp(input, WARM_UPS);
      long start = System.nanoTime();
      long best = Long.MAX_VALUE;
      int runs = 0;
      while (runs < WARM_UPS
          || (runs < MOST_RUNS && System.nanoTime() - start < BUDGET.toNanos())) {
        long before = clock();
        session.run(input);
        best = Math.min(best, clock() - before);
        runs++;
      }
      return best / 1e6;
    }
  }

  private static long clock() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return threads.isCurrentThreadCpuTimeSupported() && threads.isThreadCpuTimeEnabled()
        ? threads.getCurrentThreadCpuTime()
        : System.nanoTime();
  }
}
