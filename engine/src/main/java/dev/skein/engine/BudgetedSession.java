package dev.skein.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Value;
import dev.skein.tensor.Tensor;
import dev.skein.tensor.TensorSpec;
import java.lang.ref.Reference;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A model that runs in little memory (CrowdHMTware, section III-C): in segments whose weights come
 * and go, so that the physical memory that it takes stays under a budget. Results are those of a
 * {@link Session}.
 *
 * <p>Weights are in a memory-mapped file of the form that this machine's kernels read; what is not
 * to stay is given back to the system after each segment. The system may keep such pages in its
 * cache while nobody else needs the room, so reading them again is quick where memory is plentiful
 * and takes the disk's time where it is not. Intermediate values share one block of memory by their
 * lifetimes.
 *
 * <p>Within the budget: weights, intermediate values and outputs, and what ONNX Runtime keeps to
 * itself. Not within: the inputs, which are the caller's, and opening, which takes up to a few
 * times an eighth of the weights, or the largest of them.
 *
 * <p>One run at a time; another thread's waits. Run on platform threads.
 */
public final class BudgetedSession implements AutoCloseable {
  static final String PREFIX = "skein-budget-" + ProcessHandle.current().pid() + "-";

  private final Graph graph;
  private final InputCheck check;
  private final Map<String, String> inputNames;
  private final Map<String, TensorSpec> specs;
  private final BudgetPlan plan;
  private final TemporaryFolder folder;
  private final List<Part> parts;
  private @Nullable Stages stages;

  /**
   * A segment of the model.
   *
   * @param nodes kernels in it
   * @param weightBytes weights that only it needs
   * @param stays whether these are kept between runs
   */
  public record Part(int nodes, long weightBytes, boolean stays) {}

  private BudgetedSession(
      Model model, BudgetSearch.Found found, Stages stages, TemporaryFolder folder) {
    this.graph = model.graph();
    this.check = new InputCheck(graph);
    this.inputNames = OrtForm.of(model).inputNames();
    this.specs = found.layout().specs();
    this.plan = found.plan();
    this.stages = stages;
    this.folder = folder;
    this.parts = parts(found.layout(), found.plan());
  }

  /**
   * Prepares the model for these inputs; takes temporary files of twice the weights' size
   * meanwhile, and of once their size from then on.
   *
   * @param budgetBytes physical memory that the model may add to this process
   * @param inputs type and shape of every input
   * @throws EngineException if the budget is too small (the message says what would do), the model
   *     cannot be opened, or there is no room for the temporary files
   */
  public static BudgetedSession open(
      Model model, long budgetBytes, Map<String, TensorSpec> inputs, SessionOptions options) {
    Model fixed = Prepared.fixed(model, inputs);
    TemporaryFolder folder = folder(model);
    try {
      BudgetSearch search = new BudgetSearch(OrtForm.of(fixed).model(), options, folder);
      BudgetSearch.Found found = search.within(budgetBytes);
      Stages stages = Stages.open(found.layout(), found.plan(), options, folder);
      // Where what is mapped can be deleted, nothing is left even if this process is killed.
      folder.close();
      return new BudgetedSession(fixed, found, stages, folder);
    } catch (RuntimeException e) {
      folder.close();
      throw e;
    }
  }

  /**
   * The smallest budget with which the model can be opened for these inputs; found by preparing it.
   *
   * @throws EngineException as {@link #open}
   */
  public static long least(Model model, Map<String, TensorSpec> inputs, SessionOptions options) {
    try (TemporaryFolder folder = folder(model)) {
      Model fixed = OrtForm.of(Prepared.fixed(model, inputs)).model();
      return new BudgetSearch(fixed, options, folder).least();
    }
  }

  private static TemporaryFolder folder(Model model) {
    return TemporaryFolder.create(PREFIX, 2 * BudgetSearch.weightBytes(model));
  }

  private static List<Part> parts(BudgetLayout layout, BudgetPlan plan) {
    return plan.runs().stream()
        .map(run -> {
          int nodes =
              layout.cuts().get(run.to()).position() - layout.cuts().get(run.from()).position();
          long bytes =
              layout.problem().units().subList(run.from(), run.to()).stream()
                  .mapToLong(BudgetPlan.Unit::weights)
                  .sum();
          return new Part(nodes, bytes, run.stays());
        })
        .toList();
  }

  /** The segments in the order in which they run. */
  public List<Part> segments() {
    return parts;
  }

  /** Physical memory that the model will take at most, as planned. */
  public long plannedBytes() {
    return plan.bytes();
  }

  /** Bytes of weights that are read again in every run. */
  public long reloadedBytes() {
    return plan.reloaded();
  }

  /**
   * @param given a tensor of the planned shape for every input; nobody may write them meanwhile
   * @return a fresh tensor for every output, in order
   * @throws EngineException if an input is missing, unknown, or of the wrong type or shape, if the
   *     model fails, or if the session is closed
   */
  public synchronized Map<String, Tensor> run(Map<String, Tensor> given) {
    check.check(given);
    if (stages == null) {
      throw new EngineException("model '" + graph.name() + "' is closed");
    }
    Map<String, Tensor> results = new LinkedHashMap<>();
    Map<String, OnnxTensor> inputs = new HashMap<>();
    Map<String, OnnxTensor> outputs = new HashMap<>();
    try {
      for (Map.Entry<String, Tensor> input : given.entrySet()) {
        String name = inputNames.getOrDefault(input.getKey(), input.getKey());
        inputs.put(name, Tensors.wrap(name, input.getValue()));
      }
      for (Value output : graph.outputs()) {
        String name = output.name();
        TensorSpec spec = specs.get(name);
        if (given.containsKey(name) || spec == null) {
          results.put(name, Objects.requireNonNull(given.get(name), name));
        } else if (!results.containsKey(name)) {
          Tensor result = Tensor.allocate(spec.type(), spec.shape());
          results.put(name, result);
          outputs.put(name, Tensors.wrap(name, result));
        }
      }
      run(stages.all(), inputs, outputs);
    } catch (OrtException e) {
      throw OrtErrors.running(graph, e);
    } finally {
      inputs.values().forEach(OnnxTensor::close);
      outputs.values().forEach(OnnxTensor::close);
      Reference.reachabilityFence(given);
    }
    return Collections.unmodifiableMap(results);
  }

  private static void run(
      List<Stage> all, Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {
    // An output may be an input of a later segment.
    Map<String, OnnxTensor> known = new HashMap<>(inputs);
    known.putAll(outputs);
    for (int i = 0; i < all.size(); i++) {
      if (i + 1 < all.size()) {
        all.get(i + 1).fetch();
      }
      all.get(i).run(known, outputs);
    }
  }

  /** Runs several times and drops the results. */
  public void warmUp(Map<String, Tensor> given, int runs) {
    for (int i = 0; i < runs; i++) {
      run(given);
    }
  }

  /** Waits for the run under way; gives back all memory and deletes all files. */
  @Override
  public synchronized void close() {
    if (stages != null) {
      stages.close();
      stages = null;
      folder.close();
    }
  }
}
