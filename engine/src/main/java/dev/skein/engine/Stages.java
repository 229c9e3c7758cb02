package dev.skein.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import dev.skein.engine.BudgetPlan.Run;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Segment;
import dev.skein.graph.Segments;
import dev.skein.graph.Value;
import dev.skein.graph.Weight;
import dev.skein.tensor.Tensor;
import dev.skein.tensor.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The memory of a budgeted session: the slab, the mapped weights, a session for each segment. */
final class Stages implements AutoCloseable {
  private final BudgetLayout layout;
  private final BudgetPlan plan;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;
  private final Map<String, OnnxTensor> values = new HashMap<>();
  private final List<Stage> stages = new ArrayList<>();
  private @Nullable WeightFile weights;

  private Stages(BudgetLayout layout, BudgetPlan plan) {
    this.layout = layout;
    this.plan = plan;
    this.memory = arena.allocate(Math.max(1, Pages.roundUp(layout.slab().bytes())), Pages.SIZE);
    Pages.release(memory);
  }

  static Stages open(
      BudgetLayout layout, BudgetPlan plan, SessionOptions options, TemporaryFolder folder) {
    Stages stages = new Stages(layout, plan);
    try {
      stages.bind();
      stages.open(options, folder);
      return stages;
    } catch (OrtException e) {
      stages.close();
      throw OrtErrors.opening(layout.model().graph(), e);
    } catch (RuntimeException e) {
      stages.close();
      throw e;
    }
  }

  List<Stage> all() {
    return stages;
  }

  private void bind() throws OrtException {
    for (Map.Entry<String, Long> place : layout.slab().offsets().entrySet()) {
      TensorSpec spec = layout.specs().get(place.getKey());
      if (spec != null) {
        MemorySegment data = memory.asSlice(place.getValue(), spec.bytes());
        Tensor tensor = new Tensor(spec.type(), spec.shape(), data);
        values.put(place.getKey(), Tensors.wrap(place.getKey(), tensor));
      }
    }
  }

  private void open(SessionOptions options, TemporaryFolder folder) {
    Graph graph = layout.model().graph();
    List<Segment> segments = new ArrayList<>();
    List<Map<String, Tensor>> groups = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Run run : plan.runs()) {
      Segment segment = new Segment(layout.cuts().get(run.from()), layout.cuts().get(run.to()));
      segments.add(segment);
      Map<String, Tensor> group = new LinkedHashMap<>();
      Segments.extract(graph, segment)
          .weights()
          .forEach((name, weight) -> {
            if (weight instanceof Weight.Held(Tensor tensor)
                && tensor.bytes() >= ModelOpener.INLINE_BELOW
                && seen.add(name)) {
              group.put(name, tensor);
            }
          });
      groups.add(group);
    }
    WeightFile file = WeightFile.write(folder.path().resolve("weights"), groups);
    weights = file;
    Map<String, Weight> held = new LinkedHashMap<>(graph.weights());
    file.weights().forEach((name, tensor) -> held.put(name, new Weight.Held(tensor)));
    Model model = layout.model().with(graph.withWeights(held));
    MappedOpener opener = new MappedOpener(folder.path());
    for (int i = 0; i < segments.size(); i++) {
      Run run = plan.runs().get(i);
      Model part = part(model, segments.get(i));
      OpenModel open = opener.open(part, options, run.stays());
      Stage stage =
          new Stage(
              segments.get(i),
              open,
              bound(part.graph().inputs()),
              bound(part.graph().outputs()),
              file.groups().get(i),
              ranges(run.releases()),
              ranges(run.brings()),
              run.stays());
      stage.release();
      stages.add(stage);
    }
    NativeHeap.trim();
  }

  /** The segment with every value of known size as an output, so that it goes to the slab. */
  private Model part(Model model, Segment segment) {
    Graph part = Segments.extract(model.graph(), segment);
    List<Value> outputs = new ArrayList<>(part.outputs());
    Set<String> names = new HashSet<>();
    outputs.forEach(output -> names.add(output.name()));
    part.nodes().stream()
        .flatMap(node -> node.makes().stream())
        .filter(value -> layout.specs().containsKey(value) && names.add(value))
        .forEach(value -> outputs.add(Value.of(value, null)));
    return model.with(
        new Graph(
            part.name(),
            part.inputs(),
            outputs,
            part.nodes(),
            part.weights(),
            part.annotations(),
            part.rest()));
  }

  private Map<String, @Nullable OnnxTensor> bound(List<Value> of) {
    Map<String, @Nullable OnnxTensor> bound = new LinkedHashMap<>();
    of.forEach(value -> bound.put(value.name(), values.get(value.name())));
    return bound;
  }

  private List<MemorySegment> ranges(BitSet pages) {
    List<MemorySegment> ranges = new ArrayList<>();
    for (int from = pages.nextSetBit(0); from >= 0; ) {
      int to = pages.nextClearBit(from);
      ranges.add(memory.asSlice(from * Pages.SIZE, (to - from) * Pages.SIZE));
      from = pages.nextSetBit(to);
    }
    return ranges;
  }

  @Override
  public void close() {
    stages.forEach(stage -> stage.open().close());
    values.values().forEach(OnnxTensor::close);
    if (weights != null) {
      weights.close();
    }
    arena.close();
    NativeHeap.trim();
  }
}
