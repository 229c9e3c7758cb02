package dev.skein.engine;

import dev.skein.engine.BudgetPlan.Problem;
import dev.skein.engine.BudgetPlan.Unit;
import dev.skein.graph.Cut;
import dev.skein.graph.Cuts;
import dev.skein.graph.Dim;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Segment;
import dev.skein.graph.Segments;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.graph.Weight;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import dev.skein.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a model's memory consists of.
 *
 * @param model as ONNX Runtime has optimised it, with all types declared
 * @param specs of the values in the slab and of the outputs
 * @param slab where intermediate values of known size have their places
 * @param cuts where the model can be run in segments: all values there are in the slab, or the
 *     caller's
 * @param problem one unit for each two neighbouring cuts
 */
record BudgetLayout(
    Model model, Map<String, TensorSpec> specs, Slab slab, List<Cut> cuts, Problem problem) {
  private static final long LEAST_PART_BYTES = 2 << 20;
  private static final int PARTS = 8;
  // Optimising takes up to five times the weights.
  private static final int PART_OF_BUDGET = 6;
  // Measured: what ONNX Runtime keeps for a session and for each of its nodes.
  private static final long FIXED_BYTES = 512 << 10;
  private static final long RUN_BYTES = 24 << 10;
  private static final long NODE_BYTES = 16 << 10;

  /** The model with the types of all values declared. */
  static Model typed(Model model, Path folder) {
    return model.with(model.graph().annotated(types(model, new MappedOpener(folder))));
  }

  /**
   * @param model with inputs of fixed shapes, and the types of all values declared
   * @param budget for its preparation, which keeps to it less strictly than runs do
   */
  static BudgetLayout of(Model model, SessionOptions options, long budget, Path folder) {
    MappedOpener opener = new MappedOpener(folder);
    long part =
        Math.max(
            LEAST_PART_BYTES,
            Math.min(budget / PART_OF_BUDGET, BudgetSearch.weightBytes(model) / PARTS));
    Model optimised = Prepared.of(model, options, part, folder);
    Map<String, TensorType> types = types(optimised, opener);
    Model all = optimised.with(optimised.graph().annotated(types));
    return new Builder(all, types, opener).layout();
  }

  private static Map<String, TensorType> types(Model model, MappedOpener opener) {
    SessionOptions asWritten = SessionOptions.defaults();
    return ShapeProbe.types(model, part -> opener.open(part, asWritten, false));
  }

  /**
   * The same with memory shared more closely: a run of the plan begins when the one before it is
   * done, which the graph alone does not tell of pieces side by side.
   */
  BudgetLayout inOrder(BudgetPlan plan) {
    BitSet breaks = new BitSet();
    BitSet barriers = new BitSet();
    for (BudgetPlan.Run run : plan.runs()) {
      breaks.set(run.from());
      barriers.set(cuts.get(run.from()).position());
    }
    Slab closer = Slab.plan(model.graph(), slabBytes(), barriers);
    List<Long> weights = problem.units().stream().map(Unit::weights).toList();
    return new BudgetLayout(model, specs, closer, cuts, problem(weights, closer, breaks));
  }

  private Map<String, Long> slabBytes() {
    Map<String, Long> bytes = new LinkedHashMap<>();
    Set<String> outputs = new HashSet<>();
    model.graph().outputs().forEach(output -> outputs.add(output.name()));
    specs.forEach((value, spec) -> {
      if (!outputs.contains(value)) {
        bytes.put(value, spec.bytes());
      }
    });
    return bytes;
  }

  private Problem problem(List<Long> weights, Slab places, BitSet breaks) {
    List<Unit> units = new ArrayList<>();
    Map<String, int[]> spans = spans();
    for (int unit = 0; unit + 1 < cuts.size(); unit++) {
      int from = cuts.get(unit).position();
      int to = cuts.get(unit + 1).position();
      BitSet pages = new BitSet();
      spans.forEach((value, span) -> {
        if (span[0] < to && span[1] >= from) {
          TensorSpec spec = specs.get(value);
          long start = places.offsets().getOrDefault(value, 0L);
          long end = start + (spec == null ? 0 : spec.bytes());
          pages.set((int) (start / Pages.SIZE), (int) (Pages.roundUp(end) / Pages.SIZE));
        }
      });
      units.add(new Unit(Pages.roundUp(weights.get(unit)), pages));
    }
    return new Problem(units, breaks, problem.always(), problem.perRun());
  }

  /** First and last node that have to do with each value in the slab. */
  private Map<String, int[]> spans() {
    Map<String, int[]> spans = new LinkedHashMap<>();
    List<Node> nodes = model.graph().nodes();
    for (int i = 0; i < nodes.size(); i++) {
      for (String value : nodes.get(i).makes()) {
        if (slab.offsets().containsKey(value)) {
          spans.put(value, new int[] {i, i});
        }
      }
      for (String value : nodes.get(i).reads()) {
        int[] span = spans.get(value);
        if (span != null) {
          span[1] = i;
        }
      }
    }
    return spans;
  }

  private static final class Builder {
    private final Model model;
    private final Graph graph;
    private final MappedOpener opener;
    private final Map<String, TensorSpec> specs = new LinkedHashMap<>();
    private final Set<String> outputs = new HashSet<>();
    private final Set<String> constants = new HashSet<>();
    private long always = FIXED_BYTES;

    private Builder(Model model, Map<String, TensorType> types, MappedOpener opener) {
      this.model = model;
      this.graph = model.graph();
      this.opener = opener;
      graph.outputs().forEach(output -> outputs.add(output.name()));
      types.forEach((name, type) -> {
        List<Dim> dims = type.dims();
        if (dims != null && dims.stream().allMatch(Dim::isFixed)) {
          Shape shape = Shape.of(dims.stream().mapToLong(Dim::size).toArray());
          specs.put(name, new TensorSpec(type.element(), shape));
        }
      });
      specs.values().removeIf(spec -> spec.bytes() == 0 || Tensors.wrapper(spec.type()) == null);
    }

    private BudgetLayout layout() {
      leaveConstants();
      addUnknown();
      Map<String, Long> slabBytes = new LinkedHashMap<>();
      specs.forEach((value, spec) -> {
        always += outputs.contains(value) ? spec.bytes() : 0;
        if (!outputs.contains(value)) {
          slabBytes.put(value, spec.bytes());
        }
      });
      always += graph.nodes().size() * NODE_BYTES;
      Slab slab = Slab.plan(graph, slabBytes, new BitSet());
      List<Cut> cuts = cuts();
      return new BudgetLayout(model, specs, slab, cuts, problem(cuts, slab));
    }

    /** What depends on no input is ONNX Runtime's to keep: it may write it when it likes. */
    private void leaveConstants() {
      Set<String> dynamic = new HashSet<>();
      graph.inputs().forEach(input -> dynamic.add(input.name()));
      for (Node node : graph.nodes()) {
        if (node.reads().stream().anyMatch(dynamic::contains)) {
          dynamic.addAll(node.makes());
          continue;
        }
        for (String value : node.makes()) {
          TensorSpec spec = outputs.contains(value) ? null : specs.remove(value);
          always += spec == null ? 0 : spec.bytes();
          constants.add(value);
        }
      }
      for (String output : outputs) {
        if (graph.weights().get(output) instanceof Weight.Held(Tensor tensor)) {
          specs.put(output, TensorSpec.of(tensor));
        }
      }
    }

    /** Values whose sizes only a run can tell are ONNX Runtime's own business; outputs are ours. */
    private void addUnknown() {
      Set<String> unknown = new HashSet<>();
      graph.nodes().forEach(node -> unknown.addAll(node.makes()));
      unknown.removeAll(specs.keySet());
      unknown.removeIf(value -> constants.contains(value) && !outputs.contains(value));
      if (unknown.isEmpty()) {
        return;
      }
      Map<String, TensorSpec> found =
          ShapeProbe.probe(
              model,
              ShapeProbe.zeros(model, Map.of()),
              part -> opener.open(part, SessionOptions.defaults(), false));
      for (String value : unknown) {
        TensorSpec spec = found.get(value);
        if (spec != null) {
          always += outputs.contains(value) ? 0 : spec.bytes();
          if (outputs.contains(value)) {
            specs.put(value, spec);
          }
        }
      }
      for (Value output : graph.outputs()) {
        if (unknown.contains(output.name()) && !specs.containsKey(output.name())) {
          throw new EngineException(
              "output '%s' is no tensor of numbers and cannot be returned"
                  .formatted(output.name()));
        }
      }
    }

    private List<Cut> cuts() {
      List<Cut> all = Cuts.of(graph, Integer.MAX_VALUE);
      Set<String> known = new HashSet<>(specs.keySet());
      graph.inputs().forEach(input -> known.add(input.name()));
      List<Cut> cuts = new ArrayList<>(List.of(all.getFirst()));
      for (Cut cut : all.subList(1, all.size() - 1)) {
        if (known.containsAll(cut.values())) {
          cuts.add(cut);
        }
      }
      cuts.add(all.getLast());
      return cuts;
    }

    private Problem problem(List<Cut> cuts, Slab slab) {
      List<Set<String>> weights = new ArrayList<>();
      Map<String, Integer> users = new HashMap<>();
      for (Segment segment : Segments.between(cuts)) {
        Model part = model.with(Segments.extract(graph, segment));
        Set<String> big = new HashSet<>();
        part.graph()
            .weights()
            .forEach((name, weight) -> {
              if (comes(part, weight)) {
                big.add(name);
                users.merge(name, 1, Integer::sum);
              }
            });
        weights.add(big);
      }
      // What several units need is kept, and so is what has to be inside the models.
      for (Map.Entry<String, Weight> weight : graph.weights().entrySet()) {
        if (users.getOrDefault(weight.getKey(), 0) != 1) {
          always += weight.getValue().bytes();
        }
      }
      List<Long> bytes = new ArrayList<>();
      for (Set<String> each : weights) {
        bytes.add(
            each.stream()
                .filter(name -> users.getOrDefault(name, 0) == 1)
                .mapToLong(this::bytes)
                .sum());
      }
      BudgetLayout layout =
          new BudgetLayout(
              model, specs, slab, cuts, new Problem(List.of(), new BitSet(), always, RUN_BYTES));
      return layout.problem(bytes, slab, new BitSet());
    }

    private static boolean comes(Model part, Weight weight) {
      return weight instanceof Weight.Held
          && weight.bytes() >= ModelOpener.INLINE_BELOW
          && ModelOpener.viewable(part);
    }

    private long bytes(String weight) {
      Weight held = graph.weights().get(weight);
      return held == null ? 0 : held.bytes();
    }
  }
}
