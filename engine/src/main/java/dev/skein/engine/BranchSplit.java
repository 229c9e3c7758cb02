package dev.skein.engine;

import dev.skein.graph.Branch;
import dev.skein.graph.Branches;
import dev.skein.graph.Cut;
import dev.skein.graph.Cuts;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Segment;
import dev.skein.graph.Segments;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Where a model's branches are worth running side by side, and the parts that makes. */
final class BranchSplit {
  // Handing work to another core and waiting for it, on an ordinary machine.
  private static final double HANDOVER_MILLIS = 0.03;
  private static final int PROFILE_RUNS = 7;

  private final Graph graph;
  private final double[] millis;
  private final Set<String> boundaries;
  private final int cores;

  private BranchSplit(Model model, Map<String, Tensor> sample, int cores) {
    this.graph = model.graph();
    this.millis = new double[graph.nodes().size()];
    OperatorProfile.measure(model, sample, PROFILE_RUNS)
        .forEach(time -> millis[time.node()] = time.millis());
    this.boundaries = Fusions.boundaries(model);
    this.cores = cores;
  }

  /**
   * One after the other.
   *
   * @param lanes graphs to run side by side, at least one; the slowest comes first
   */
  record Part(List<Graph> lanes) {}

  /** A stretch of nodes, with the lanes that its branches are shared out to. */
  private record Region(int from, int to, List<List<Branch>> lanes) {}

  /** Nothing if no branches are worth it. */
  static List<Part> of(Model model, Map<String, Tensor> sample, int cores) {
    Model typed = ShapeProbe.annotate(model);
    return new BranchSplit(typed, sample, cores).parts();
  }

  private List<Part> parts() {
    Map<Integer, Cut> cuts = new HashMap<>();
    Cuts.of(graph, Integer.MAX_VALUE).forEach(cut -> cuts.put(cut.position(), cut));
    List<Part> parts = new ArrayList<>();
    Cut at = Objects.requireNonNull(cuts.get(0));
    for (Branches.Parallel side : Branches.parallel(Branches.of(graph))) {
      Region region = region(side);
      Cut from = cuts.get(region.from());
      Cut to = cuts.get(region.to());
      if (region.lanes().size() < 2 || from == null || to == null || !isClean(from, to)) {
        continue;
      }
      if (from.position() > at.position()) {
        parts.add(stretch(at, from));
      }
      parts.add(
          new Part(
              region.lanes().stream().map(lane -> Branches.extract(graph, whole(lane))).toList()));
      at = to;
    }
    if (parts.isEmpty()) {
      return List.of();
    }
    Cut end = Objects.requireNonNull(cuts.get(graph.nodes().size()));
    if (at.position() < end.position()) {
      parts.add(stretch(at, end));
    }
    return parts;
  }

  private boolean isClean(Cut from, Cut to) {
    return boundaries.containsAll(from.values()) && boundaries.containsAll(to.values());
  }

  private Part stretch(Cut from, Cut to) {
    return new Part(List.of(Segments.extract(graph, new Segment(from, to))));
  }

  /** Branches that wait for each other, or would not pay, make a region of one lane. */
  private Region region(Branches.Parallel side) {
    List<Branch> branches = side.branches();
    int from = branches.stream().mapToInt(branch -> branch.nodes().getFirst()).min().orElse(0);
    int to = branches.stream().mapToInt(branch -> branch.nodes().getLast()).max().orElse(0) + 1;
    if (side.widest() < branches.size()) {
      return new Region(from, to, List.of(branches));
    }
    List<List<Branch>> lanes = shared(branches);
    double all = branches.stream().mapToDouble(this::alone).sum();
    double longest = lanes.stream().mapToDouble(this::together).max().orElse(all);
    boolean pays = longest + HANDOVER_MILLIS * (lanes.size() - 1) < all;
    return new Region(from, to, pays ? lanes : List.of(branches));
  }

  /** The longest branch first, each to the core that is free first. */
  private List<List<Branch>> shared(List<Branch> branches) {
    List<List<Branch>> lanes = new ArrayList<>();
    Stream.generate(() -> new ArrayList<Branch>())
        .limit(Math.min(cores, branches.size()))
        .forEach(lanes::add);
    branches.stream()
        .sorted(Comparator.comparingDouble(this::alone).reversed())
        .forEach(branch ->
            lanes.stream()
                .min(Comparator.comparingDouble(this::together))
                .ifPresent(lane -> lane.add(branch)));
    lanes.sort(Comparator.<List<Branch>>comparingDouble(this::together).reversed());
    return lanes;
  }

  private double alone(Branch branch) {
    return branch.nodes().stream().mapToDouble(node -> millis[node]).sum();
  }

  private double together(List<Branch> lane) {
    return lane.stream().mapToDouble(this::alone).sum();
  }

  private static Branch whole(List<Branch> lane) {
    Set<Integer> nodes = new TreeSet<>();
    Set<Integer> after = new TreeSet<>();
    Set<String> inputs = new LinkedHashSet<>();
    Set<String> outputs = new LinkedHashSet<>();
    Set<Integer> own = new HashSet<>();
    for (Branch branch : lane) {
      nodes.addAll(branch.nodes());
      after.addAll(branch.after());
      inputs.addAll(branch.inputs());
      outputs.addAll(branch.outputs());
      own.add(branch.id());
    }
    after.removeAll(own);
    return new Branch(
        lane.getFirst().id(),
        List.copyOf(nodes),
        List.copyOf(after),
        List.copyOf(inputs),
        List.copyOf(outputs));
  }
}
