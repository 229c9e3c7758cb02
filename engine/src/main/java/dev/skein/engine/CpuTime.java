package dev.skein.engine;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Measures by a thread's own CPU time, which other work on the machine hardly changes. */
final class CpuTime {
  private CpuTime() {}

  /** The calling thread's, or the time of day's where the system cannot tell. */
  static long nanos() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return threads.isCurrentThreadCpuTimeSupported() && threads.isThreadCpuTimeEnabled()
        ? threads.getCurrentThreadCpuTime()
        : System.nanoTime();
  }

  /**
   * Does the task on a thread of its own: a virtual thread has no CPU time, and long native calls
   * on it would hold up others.
   *
   * @param what for messages, such as "measuring this machine"
   * @throws EngineException if it fails or is not done in time
   */
  static <T> T onPlatformThread(String what, Duration deadline, Callable<T> task) {
    FutureTask<T> future = new FutureTask<>(task);
    Thread.ofPlatform().daemon().name("skein-measure").start(future);
    try {
      return future.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException("interrupted while " + what, e);
    } catch (TimeoutException e) {
      throw new EngineException(what + " took more than " + deadline.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw new EngineException(
          e.getCause() instanceof EngineException cause
              ? String.valueOf(cause.getMessage())
              : what + " failed: " + OrtErrors.oneLine(String.valueOf(e.getCause())),
          e);
    }
  }
}
