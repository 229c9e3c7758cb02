package dev.skein.demo;

import dev.skein.infer.Answer;
import dev.skein.infer.Pipeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Requests of a task sent through a pipeline, a number of them at a time. */
public record RequestStream(int asked, List<Done> done, double seconds) {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  /**
   * One request's fate.
   *
   * @param endNanos on {@link System#nanoTime}
   * @param answer null if there was none
   * @param failure why there was none
   */
  public record Done(
      int number, int request, long endNanos, @Nullable Answer answer, @Nullable String failure) {}

  /**
   * @param number how many requests, in turn from the task's
   * @param onDone told the count of answers after each
   */
  public static RequestStream run(
      Pipeline pipeline, Task task, int number, int concurrency, IntConsumer onDone) {
    List<Done> done = new ArrayList<>();
    AtomicInteger next = new AtomicInteger();
    long begun = System.nanoTime();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int sender = 0; sender < concurrency; sender++) {
        threads.execute(() -> {
          for (int i = next.getAndIncrement(); i < number; i = next.getAndIncrement()) {
            Done one = ask(pipeline, task, i);
            int count;
            synchronized (done) {
              done.add(one);
              count = done.size();
            }
            onDone.accept(count);
          }
        });
      }
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    done.sort(Comparator.comparingInt(Done::number));
    return new RequestStream(number, List.copyOf(done), seconds);
  }

  private static Done ask(Pipeline pipeline, Task task, int number) {
    int request = number % task.size();
    try {
      Answer answer = pipeline.infer(task.inputs(request), DEADLINE);
      return new Done(number, request, System.nanoTime(), answer, null);
    } catch (RuntimeException e) {
      return new Done(number, request, System.nanoTime(), null, String.valueOf(e.getMessage()));
    }
  }

  private Stream<Answer> answers() {
    return done.stream().map(Done::answer).filter(Objects::nonNull);
  }

  public long lost() {
    return asked - answers().count();
  }

  public double perSecond() {
    return (asked - lost()) / seconds;
  }

  /** A quantile of the answered requests' latencies in milliseconds; NaN if none was answered. */
  public double latencyMillis(double quantile) {
    double[] millis = answers().mapToDouble(Answer::millis).sorted().toArray();
    return millis.length == 0
        ? Double.NaN
        : millis[(int) Math.min(millis.length - 1, Math.floor(quantile * millis.length))];
  }

  /**
   * From a fault to the first answer that needed a second attempt, in milliseconds; 0 if none did.
   *
   * @param faultNanos on {@link System#nanoTime}
   */
  public double recoveryMillis(long faultNanos) {
    return done.stream()
            .filter(one -> one.answer() != null && one.answer().attempts() > 1)
            .mapToLong(one -> one.endNanos() - faultNanos)
            .filter(nanos -> nanos > 0)
            .min()
            .orElse(0)
        / 1e6;
  }

  /** Bytes that a request moved between devices, on average. */
  public long bytesMoved() {
    return Math.round(answers().mapToLong(Answer::bytesMoved).average().orElse(0));
  }
}
