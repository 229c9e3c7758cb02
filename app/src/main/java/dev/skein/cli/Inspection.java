package dev.skein.cli;

import dev.skein.cost.GraphCosts;
import dev.skein.cost.MemoryOrder;
import dev.skein.cost.MemoryProfile;
import dev.skein.cost.OperatorCost;
import dev.skein.cost.SegmentCost;
import dev.skein.graph.Branch;
import dev.skein.graph.Branches;
import dev.skein.graph.Cut;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Value;
import dev.skein.graph.Weight;
import dev.skein.node.Survey;
import dev.skein.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What {@code skein inspect} reports: everything there is to know about a model's costs. */
final class Inspection {
  /**
   * @param memoryBytes activations alive while it runs
   * @param output its first output's type and shape, if it has one
   */
  record NodeRow(
      int node,
      String name,
      String op,
      long macs,
      long parameters,
      long bytesRead,
      long bytesWritten,
      double intensity,
      double millis,
      long memoryBytes,
      @Nullable String output) {}

  record SegmentRow(
      int segment,
      int nodes,
      long macs,
      long weightBytes,
      long peakActivationBytes,
      double millis,
      List<String> cut,
      long cutBytes) {}

  /** A flow: from its first node to its last. */
  record BranchRow(
      int branch,
      List<Integer> nodes,
      List<Integer> after,
      long macs,
      double millis,
      String from,
      String to) {}

  record ParallelRow(int widest, List<Integer> branches) {}

  /**
   * @param parallel where branches run side by side
   */
  record Flows(int widest, List<BranchRow> branches, List<ParallelRow> parallel) {}

  /**
   * @param peakAlone whether the node at the peak has nothing but its own inputs and outputs there,
   *     so that no order of the nodes needs less
   * @param reorderedPeakBytes peak of the best order of nodes that was found
   */
  record Memory(
      long peakBytes,
      int peakNode,
      String peakAt,
      boolean peakAlone,
      long reorderedPeakBytes,
      List<Long> bytes) {}

  record Report(
      String model,
      Map<String, Long> opsets,
      List<String> inputs,
      List<String> outputs,
      Map<String, Long> operators,
      long weights,
      long weightBytes,
      long parameters,
      long macs,
      long bytesMoved,
      double intensity,
      double millis,
      Memory memory,
      Flows flows,
      int cuts,
      List<SegmentRow> segments,
      List<NodeRow> nodes) {}

  private final String name;
  private final Model model;
  private final Graph graph;
  private final Survey survey;
  private final List<OperatorCost> costs;

  /**
   * @param survey of the same model
   */
  Inspection(String name, Model model, Survey survey) {
    this.name = name;
    this.model = model;
    this.graph = model.graph();
    this.survey = survey;
    this.costs = GraphCosts.operators(graph, survey.specs());
  }

  Graph graph() {
    return graph;
  }

  Map<String, TensorSpec> specs() {
    return survey.specs();
  }

  OperatorCost cost(int node) {
    return costs.get(node);
  }

  double millis(int node) {
    return survey.nodeMillis().get(node);
  }

  Report report() {
    Map<String, Long> operators = new TreeMap<>();
    graph.nodes().forEach(node -> operators.merge(operator(node), 1L, Long::sum));
    MemoryProfile profile = MemoryProfile.of(graph, survey.specs());
    long macs = costs.stream().mapToLong(OperatorCost::macs).sum();
    long moved = costs.stream().mapToLong(cost -> cost.bytesRead() + cost.bytesWritten()).sum();
    return new Report(
        name,
        model.opsets(),
        graph.requiredInputs().stream().map(Inspection::text).toList(),
        graph.outputs().stream().map(Inspection::text).toList(),
        operators,
        graph.weights().size(),
        graph.weights().values().stream().mapToLong(Weight::bytes).sum(),
        GraphCosts.parameters(graph),
        macs,
        moved,
        moved == 0 ? 0 : (double) macs / moved,
        survey.nodeMillis().stream().mapToDouble(Double::doubleValue).sum(),
        memory(profile),
        flows(),
        survey.cuts().size(),
        segments(),
        nodes(profile));
  }

  static String operator(Node node) {
    return node.domain().isEmpty() ? node.op() : node.domain() + "." + node.op();
  }

  /** What people call a node that may have no name. */
  static String name(Node node) {
    return node.name().isEmpty() && !node.outputs().isEmpty()
        ? node.outputs().getFirst()
        : node.name();
  }

  private static String text(Value value) {
    return value.name() + " " + value.type();
  }

  private Memory memory(MemoryProfile profile) {
    Graph reordered = MemoryOrder.of(graph, survey.specs());
    int at = profile.peakNode();
    return new Memory(
        profile.peak(),
        at,
        at < 0 ? "" : graph.nodes().get(at).label(),
        at < 0 || own(profile, graph.nodes().get(at)) == profile.peak(),
        MemoryProfile.of(reordered, survey.specs()).peak(),
        profile.bytes());
  }

  private static long own(MemoryProfile profile, Node node) {
    Set<String> values = new HashSet<>(node.reads());
    values.addAll(node.makes());
    return profile.lifetimes().stream()
        .filter(lifetime -> values.contains(lifetime.value()))
        .mapToLong(MemoryProfile.Lifetime::bytes)
        .sum();
  }

  private Flows flows() {
    List<Branch> branches = Branches.of(graph);
    List<ParallelRow> parallel =
        Branches.parallel(branches).stream()
            .map(region ->
                new ParallelRow(
                    region.widest(), region.branches().stream().map(Branch::id).toList()))
            .toList();
    return new Flows(
        Branches.widest(branches), branches.stream().map(this::row).toList(), parallel);
  }

  private BranchRow row(Branch branch) {
    return new BranchRow(
        branch.id(),
        branch.nodes(),
        branch.after(),
        branch.nodes().stream().mapToLong(node -> costs.get(node).macs()).sum(),
        branch.nodes().stream().mapToDouble(this::millis).sum(),
        graph.nodes().get(branch.nodes().getFirst()).label(),
        graph.nodes().get(branch.nodes().getLast()).label());
  }

  private List<SegmentRow> segments() {
    List<SegmentRow> rows = new ArrayList<>();
    List<SegmentCost> segments = survey.costs().segments();
    for (int i = 0; i < segments.size(); i++) {
      Cut from = survey.cuts().get(i);
      Cut to = survey.cuts().get(i + 1);
      SegmentCost cost = segments.get(i);
      rows.add(
          new SegmentRow(
              i,
              to.position() - from.position(),
              cost.macs(),
              cost.weightBytes(),
              cost.activationBytes(),
              cost.referenceMillis(),
              to.values(),
              survey.costs().cutBytes(i + 1)));
    }
    return rows;
  }

  private List<NodeRow> nodes(MemoryProfile profile) {
    List<NodeRow> rows = new ArrayList<>();
    for (OperatorCost cost : costs) {
      Node node = graph.nodes().get(cost.node());
      TensorSpec output =
          node.makes().isEmpty() ? null : survey.specs().get(node.makes().getFirst());
      rows.add(
          new NodeRow(
              cost.node(),
              name(node),
              operator(node),
              cost.macs(),
              cost.parameters(),
              cost.bytesRead(),
              cost.bytesWritten(),
              cost.intensity(),
              millis(cost.node()),
              profile.bytes().get(cost.node()),
              output == null ? null : output.toString()));
    }
    return rows;
  }
}
