package dev.skein.engine;

import dev.skein.graph.Model;
import dev.skein.graph.Value;
import dev.skein.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.json.JsonMapper;

/** Kernel times as ONNX Runtime writes them down while a model runs. */
final class ProfiledRun {
  private static final int WARM_UPS = 2;
  private static final int MOST_EVENTS = 50_000;
  private static final String KERNEL = "_kernel_time";
  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private ProfiledRun() {}

  /**
   * @param cat {@code Node} for what operators do
   * @param ts start, microseconds
   * @param dur microseconds
   */
  record Event(String cat, String name, long ts, long dur) {
    boolean isKernel() {
      return cat.equals("Node") && name.endsWith(KERNEL);
    }

    long end() {
      return ts + dur;
    }
  }

  /**
   * Runs the model a few times, at least once and then while there is time.
   *
   * @return median milliseconds of each kernel by the name that ONNX Runtime gives it, which is
   *     made from the node's name or its output's; what runs inside a node's body counts for the
   *     node
   */
  static Map<String, Double> kernelMillis(
      Model model, SessionOptions options, Map<String, Tensor> inputs, Limit limit) {
    int nodes = Math.max(1, model.graph().nodes().size());
    int most = Math.max(1, Math.min(limit.runs(), MOST_EVENTS / nodes));
    Set<String> outputs =
        model.graph().outputs().stream().map(Value::name).collect(Collectors.toSet());
    Path folder = temporaryFolder();
    try {
      Path file;
      try (OpenModel open =
          ModelOpener.open(
              model, options, new ModelOpener.Trace(folder.resolve("profile"), null, false))) {
        long start = System.nanoTime();
        int runs = 0;
        while (runs < 1 + WARM_UPS
            || (runs < most + WARM_UPS && System.nanoTime() - start < limit.time().toNanos())) {
          open.run(inputs, outputs, Map.of(), ignored -> 0);
          runs++;
        }
        file = open.endProfile();
      }
      return medians(read(file));
    } finally {
      delete(folder);
    }
  }

  /** When to stop measuring: after that many runs, or when that much time has passed. */
  record Limit(int runs, Duration time) {}

  private static List<Event> read(Path file) {
    List<Event> events = new ArrayList<>();
    try (MappingIterator<Event> all = JSON.readerFor(Event.class).readValues(file.toFile())) {
      while (all.hasNext()) {
        Event event = all.next();
        if (event.isKernel()) {
          events.add(event);
        }
      }
    } catch (JacksonException e) {
      throw new EngineException(
          "profile " + file + " cannot be read: " + OrtErrors.oneLine(e.getOriginalMessage()), e);
    }
    events.sort(
        Comparator.comparingLong(Event::ts)
            .thenComparing(Comparator.comparingLong(Event::dur).reversed()));
    return events;
  }

  private static Map<String, Double> medians(List<Event> events) {
    Map<String, List<Long>> times = new LinkedHashMap<>();
    long end = -1;
    for (Event event : events) {
      if (event.end() > end) {
        String name = event.name().substring(0, event.name().length() - KERNEL.length());
        times.computeIfAbsent(name, ignored -> new ArrayList<>()).add(event.dur());
        end = event.end();
      }
    }
    Map<String, Double> medians = new LinkedHashMap<>();
    times.forEach((name, durations) -> {
      int warm = Math.min(WARM_UPS, durations.size() - 1);
      medians.put(
          name,
          median(
              durations.subList(warm, durations.size()).stream()
                  .mapToDouble(micros -> micros / 1e3)
                  .toArray()));
    });
    return medians;
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("skein-profile");
    } catch (IOException e) {
      throw new EngineException(
          "no folder for a profile can be made in "
              + System.getProperty("java.io.tmpdir")
              + "; free some space there or set -Djava.io.tmpdir",
          e);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException e) {
      folder.toFile().deleteOnExit();
    }
  }
}
