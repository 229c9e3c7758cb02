package dev.skein.worker;

import dev.skein.engine.Calibration;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The one computing resource of a node. Work is done in order of arrival on the device's own
 * platform thread, the only thread that runs models; with a slowdown, the device stays busy until
 * factor × the CPU time really used has passed.
 */
public final class Device implements AutoCloseable {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /** Native kernels need more than the small stacks that a node's other threads have. */
  private static final long STACK_BYTES = 8L << 20;

  private static final double NANOS_PER_MILLI = 1e6;

  private final Capacity capacity;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().stackSize(STACK_BYTES).name("skein-device").factory());
  private @Nullable Double bareReferenceMillis;

  public Device(Capacity capacity) {
    this.capacity = capacity;
  }

  /**
   * A result and what it cost.
   *
   * @param queueMillis how long the device was busy with earlier work
   * @param millis how long it took, emulation included
   */
  public record Timed<T>(T result, double queueMillis, double millis) {}

  public Capacity capacity() {
    return capacity;
  }

  /** Does the work; what it throws unchecked, this throws. */
  public <T> Timed<T> compute(Callable<T> work) throws InterruptedException {
    long asked = System.nanoTime();
    return onThread(() -> timed(work, asked));
  }

  /**
   * Milliseconds that the calibration model takes here, emulation included. The work is timed at
   * full speed and scaled, since the emulation is exactly that factor.
   */
  public double referenceMillis() throws InterruptedException {
    return bareReferenceMillis() * capacity.slowdown() / capacity.cpuShare();
  }

  /** The same without emulation: what model costs measured on this machine refer to. */
  public synchronized double bareReferenceMillis() throws InterruptedException {
    if (bareReferenceMillis == null) {
      bareReferenceMillis = onThread(Calibration::referenceMillis);
    }
    return bareReferenceMillis;
  }

  private <T> T onThread(Callable<T> work) throws InterruptedException {
    try {
      return thread.submit(work).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("the device failed: " + e.getCause(), e);
    }
  }

  private <T> Timed<T> timed(Callable<T> work, long asked) throws Exception {
    long begun = System.nanoTime();
    long cpuBegun = THREADS.getCurrentThreadCpuTime();
    T result = work.call();
    if (capacity.slowdown() > 1) {
      long cpu = THREADS.getCurrentThreadCpuTime() - cpuBegun;
      waitUntil(begun + Math.round(cpu * capacity.slowdown()));
    }
    long ended = System.nanoTime();
    return new Timed<>(
        result, (begun - asked) / NANOS_PER_MILLI, (ended - begun) / NANOS_PER_MILLI);
  }

  private static void waitUntil(long nanos) throws InterruptedException {
    for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      LockSupport.parkNanos(left);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    try {
      thread.awaitTermination(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
