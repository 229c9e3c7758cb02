package dev.skein.engine;

import dev.skein.graph.Model;
import dev.skein.graph.Value;
import dev.skein.tensor.Difference;
import dev.skein.tensor.Tensor;
import dev.skein.tensor.TensorSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A model whose branches run side by side, each on a core of its own (CrowdHMTware III-C1,
 * cross-core operator parallelism). Parts of the model where nothing runs side by side, or where it
 * would not pay, run on the caller's thread. If the whole is not faster so than on one core, it is
 * a plain session and says so.
 *
 * <p>Threads: one run at a time may be under way from each of any number of callers; they share the
 * cores. Call it on platform threads.
 */
public final class ParallelSession implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofMinutes(10);
  private static final Duration TRIAL = Duration.ofMillis(800);
  // Less is noise.
  private static final double LEAST_GAIN = 0.98;

  private final List<Step> steps;
  private final List<String> outputs;
  private final ExecutorService cores;
  private final String reason;
  // Memory of the values between steps, reused: fresh pages would cost more than cores bring.
  private final ReentrantLock inUse = new ReentrantLock();
  // Empty if that memory must not be used: a run was given up that may still write to it.
  private volatile Map<String, TensorSpec> shapes = Map.of();
  private Map<String, Tensor> between = Map.of();

  /**
   * What is done between two points that all data passes.
   *
   * @param lanes run side by side; one is run by the caller
   */
  record Step(List<Session> lanes) {}

  private ParallelSession(Model model, List<Step> steps, ExecutorService cores, String reason) {
    this.steps = Collections.unmodifiableList(steps);
    this.outputs = model.graph().outputs().stream().map(output -> output.name()).toList();
    this.cores = cores;
    this.reason = reason;
  }

  /**
   * Measures the model's operators, splits it where that promises to pay, and races the result
   * against the whole.
   *
   * @param sample inputs as the model will meet them
   * @param count cores to use, at least 2
   * @param options of each part; their threads must be 1
   * @throws EngineException if the model cannot be opened or fails on the sample
   */
  public static ParallelSession open(
      Model model, Map<String, Tensor> sample, int count, SessionOptions options) {
    if (count < 2 || options.threads() != 1) {
      throw new EngineException(
          "branches side by side take at least 2 cores and sessions of one thread, not %d and %d"
              .formatted(count, options.threads()));
    }
    List<BranchSplit.Part> parts = BranchSplit.of(model, sample, count);
    if (parts.isEmpty()) {
      return plain(model, options, "no branches that are worth running side by side");
    }
    ParallelSession split = split(model, parts, sample, new Cores(count, options));
    boolean kept = false;
    try (Session whole = Session.open(model, options)) {
      double ratio = ratio(split, whole, sample);
      kept = ratio <= LEAST_GAIN;
      return kept
          ? split
          : plain(
              model,
              options,
              String.format(
                  Locale.ROOT, "branches side by side take %.2f of the time of one core", ratio));
    } finally {
      if (!kept) {
        split.close();
      }
    }
  }

  /** Infinite if the two do not give the same. */
  private static double ratio(ParallelSession split, Session whole, Map<String, Tensor> sample) {
    if (Difference.of(whole.run(sample), split.run(sample)) > Difference.TOLERANCE) {
      return Double.POSITIVE_INFINITY;
    }
    Map<String, Double> millis =
        Race.run(
            List.of(
                new Race.Contender("split", false, () -> split.run(sample)),
                new Race.Contender("whole", false, () -> whole.run(sample))),
            TRIAL);
    return Objects.requireNonNull(millis.get("split"))
        / Objects.requireNonNull(millis.get("whole"));
  }

  private static ParallelSession plain(Model model, SessionOptions options, String reason) {
    Step whole = new Step(List.of(Session.open(model, options)));
    return new ParallelSession(model, List.of(whole), pool(1), reason);
  }

  record Cores(int count, SessionOptions options) {}

  /** Splits whether it pays or not. */
  static ParallelSession split(
      Model model, List<BranchSplit.Part> parts, Map<String, Tensor> sample, Cores cores) {
    List<Step> steps = new ArrayList<>();
    ParallelSession session = new ParallelSession(model, steps, pool(cores.count()), "");
    boolean ready = false;
    try {
      for (BranchSplit.Part part : parts) {
        List<Session> lanes = new ArrayList<>();
        steps.add(new Step(lanes));
        part.lanes().forEach(lane -> lanes.add(Session.open(model.with(lane), cores.options())));
      }
      session.prepare(sample);
      ready = true;
      return session;
    } finally {
      if (!ready) {
        session.close();
      }
    }
  }

  private static ExecutorService pool(int count) {
    // The caller's thread is one of the cores'.
    return Executors.newFixedThreadPool(
        Math.max(1, count - 1), Thread.ofPlatform().daemon().name("skein-branch-", 0).factory());
  }

  /** Whether branches run side by side. */
  public boolean isParallel() {
    return steps.size() > 1 || lanes() > 1;
  }

  /** Why branches do not run side by side; empty if they do. */
  public String reason() {
    return reason;
  }

  /** Most lanes that run at one time. */
  public int lanes() {
    return steps.stream().mapToInt(step -> step.lanes().size()).max().orElse(1);
  }

  /**
   * @param given a tensor by name for every input; nobody may write them meanwhile
   * @return a fresh tensor for every output, in order
   * @throws EngineException if an input does not fit, the model fails, or the session is closed
   */
  public Map<String, Tensor> run(Map<String, Tensor> given) {
    if (!isParallel()) {
      return steps.getFirst().lanes().getFirst().run(given);
    }
    if (!shapes.equals(specs(given)) || !inUse.tryLock()) {
      return results(values(given, Map.of()));
    }
    try {
      return results(values(given, between));
    } finally {
      inUse.unlock();
    }
  }

  /** Keeps memory for the values between steps, for inputs of these shapes. */
  private void prepare(Map<String, Tensor> sample) {
    Map<String, Tensor> values = values(sample, Map.of());
    Map<String, Tensor> kept = new HashMap<>(values);
    kept.keySet().removeAll(sample.keySet());
    outputs.forEach(kept::remove);
    between = Map.copyOf(kept);
    shapes = specs(sample);
  }

  private static Map<String, TensorSpec> specs(Map<String, Tensor> tensors) {
    Map<String, TensorSpec> specs = new HashMap<>();
    tensors.forEach((name, tensor) -> specs.put(name, TensorSpec.of(tensor)));
    return specs;
  }

  private Map<String, Tensor> results(Map<String, Tensor> values) {
    Map<String, Tensor> results = new LinkedHashMap<>();
    outputs.forEach(name -> results.put(name, Objects.requireNonNull(values.get(name), name)));
    return results;
  }

  /** All values that go from step to step, the inputs and outputs among them. */
  private Map<String, Tensor> values(Map<String, Tensor> given, Map<String, Tensor> memory) {
    Map<String, Tensor> values = new HashMap<>(given);
    for (Step step : steps) {
      List<Future<Map<String, Tensor>>> others = new ArrayList<>();
      for (Session lane : step.lanes().subList(1, step.lanes().size())) {
        Map<String, Tensor> inputs = inputs(lane, values);
        others.add(cores.submit(() -> run(lane, inputs, memory)));
      }
      Session own = step.lanes().getFirst();
      try {
        values.putAll(run(own, inputs(own, values), memory));
      } finally {
        // Even if this lane failed: the memory that the others write into is used again.
        others.forEach(other -> values.putAll(await(other)));
      }
    }
    return values;
  }

  private static Map<String, Tensor> run(
      Session lane, Map<String, Tensor> inputs, Map<String, Tensor> memory) {
    Map<String, Tensor> into = new LinkedHashMap<>();
    for (Value output : lane.outputs()) {
      Tensor kept = memory.get(output.name());
      if (kept == null) {
        return lane.run(inputs);
      }
      into.put(output.name(), kept);
    }
    lane.run(inputs, into);
    return into;
  }

  private static Map<String, Tensor> inputs(Session lane, Map<String, Tensor> values) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    lane.inputs()
        .forEach(input -> {
          Tensor value = values.get(input.name());
          if (value != null) {
            inputs.put(input.name(), value);
          }
        });
    return inputs;
  }

  private Map<String, Tensor> await(Future<Map<String, Tensor>> lane) {
    try {
      return lane.get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      shapes = Map.of();
      throw new EngineException("interrupted while a branch ran", e);
    } catch (TimeoutException e) {
      shapes = Map.of();
      throw new EngineException("a branch took more than " + DEADLINE.toMinutes() + " minutes", e);
    } catch (ExecutionException e) {
      throw new EngineException(OrtErrors.oneLine(String.valueOf(e.getCause())), e);
    }
  }

  /** Waits for the runs under way; later ones fail. */
  @Override
  public void close() {
    steps.forEach(step -> step.lanes().forEach(Session::close));
    cores.shutdown();
  }
}
