package dev.skein.engine;

import dev.skein.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Compares the speed of sessions. They take turns, another one beginning each round, so that
 * whatever else the machine does hits all alike; what counts is the lower quartile, since
 * disturbances only ever add. Compare times of one race only.
 */
public final class Race {
  private static final int MOST_ROUNDS = 200_000;
  private static final int LEAST_ROUNDS = 3;
  // Warm-up takes this part of the time.
  private static final int WARM_UP = 4;

  private final List<Contender> contenders;
  private final List<List<Double>> millis = new ArrayList<>();

  private Race(List<Contender> contenders) {
    this.contenders = contenders;
    contenders.forEach(ignored -> millis.add(new ArrayList<>()));
  }

  /**
   * Who takes part.
   *
   * @param oneThread whether a turn's work is all done on the calling thread
   * @param turn one inference
   */
  public record Contender(String name, boolean oneThread, Runnable turn) {
    public static Contender of(String name, Session session, Map<String, Tensor> inputs) {
      SessionOptions options = session.options();
      return new Contender(
          name, options.threads() == 1 && options.branchThreads() == 1, () -> session.run(inputs));
    }
  }

  /**
   * All contenders run on the same inputs.
   *
   * @see #run(List, Duration)
   */
  public static Map<String, Double> run(
      Map<String, Session> contenders, Map<String, Tensor> inputs, Duration time) {
    return run(
        contenders.entrySet().stream()
            .map(entry -> Contender.of(entry.getKey(), entry.getValue(), inputs))
            .toList(),
        time);
  }

  /**
   * Runs for about the given time, after a quarter of it as warm-up; longer if a few rounds take
   * longer. Measured is the CPU time of the calling thread if all have just that one, the time of
   * day otherwise. Call it on a platform thread.
   *
   * @return milliseconds of one run by contender's name, in the order given: the lower quartile
   * @throws EngineException if a model fails, or two contenders have one name
   */
  public static Map<String, Double> run(List<Contender> contenders, Duration time) {
    Race race = new Race(contenders);
    LongSupplier clock =
        contenders.stream().allMatch(Contender::oneThread) ? CpuTime::nanos : System::nanoTime;
    race.rounds(clock, time.dividedBy(WARM_UP), 1);
    race.millis.forEach(List::clear);
    race.rounds(clock, time, LEAST_ROUNDS);
    return race.result();
  }

  private void rounds(LongSupplier clock, Duration time, int least) {
    long end = System.nanoTime() + time.toNanos();
    for (int round = 0; round < MOST_ROUNDS; round++) {
      if (round >= least && System.nanoTime() >= end) {
        return;
      }
      for (int turn = 0; turn < contenders.size(); turn++) {
        int at = (round + turn) % contenders.size();
        Contender contender = contenders.get(at);
        long start = clock.getAsLong();
        contender.turn().run();
        millis.get(at).add((clock.getAsLong() - start) / 1e6);
      }
    }
  }

  private Map<String, Double> result() {
    Map<String, Double> quartiles = new LinkedHashMap<>();
    for (int i = 0; i < contenders.size(); i++) {
      String name = contenders.get(i).name();
      if (quartiles.put(name, lowerQuartile(millis.get(i))) != null) {
        throw new EngineException("two sessions of a race are called '" + name + "'");
      }
    }
    return quartiles;
  }

  static double lowerQuartile(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    return sorted[sorted.length / 4];
  }
}
