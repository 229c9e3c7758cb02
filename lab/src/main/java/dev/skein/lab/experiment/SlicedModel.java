package dev.skein.lab.experiment;

import dev.skein.engine.ConstantRun;
import dev.skein.engine.Optimization;
import dev.skein.engine.Session;
import dev.skein.engine.SessionOptions;
import dev.skein.engine.ShapeProbe;
import dev.skein.graph.Cut;
import dev.skein.graph.Cuts;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Segment;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.rewrite.Passes;
import dev.skein.rewrite.Rewriter;
import dev.skein.rewrite.Scope;
import dev.skein.slice.Axis;
import dev.skein.slice.ChannelBlock;
import dev.skein.slice.ChannelBlocks;
import dev.skein.slice.ChannelChain;
import dev.skein.slice.Merges;
import dev.skein.slice.Piece;
import dev.skein.slice.RowTiles;
import dev.skein.slice.Shares;
import dev.skein.slice.Slicer;
import dev.skein.slice.Slicing;
import dev.skein.tensor.Difference;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** One model, its constants at hand, with every value of one run, to compare its slices with. */
final class SlicedModel {
  private static final SessionOptions AS_WRITTEN = new SessionOptions(1, Optimization.NONE);
  private static final int[] FUSED = {2, 3, 6};

  private final Model model;
  private final Map<String, Tensor> inputs;
  private final Map<String, Tensor> values;
  private final Map<String, Tensor> plain;

  SlicedModel(Model read, Map<String, Tensor> inputs) {
    Model constant =
        new Rewriter(Passes.stageTwo(ConstantRun::outputs), ShapeProbe::annotate)
            .apply(read)
            .model();
    Graph graph = constant.graph().withoutDefaults();
    Map<String, TensorType> types = ShapeProbe.types(constant.with(graph));
    List<Value> outputs =
        graph.outputs().stream().map(value -> typed(value.name(), types)).toList();
    this.model = constant.with(with(graph, outputs).annotated(types));
    this.inputs = inputs;
    this.values = new LinkedHashMap<>(run(everything(types.keySet()), inputs, AS_WRITTEN));
    values.putAll(inputs);
    this.plain = run(model, inputs, SessionOptions.defaults());
  }

  private static Value typed(String name, Map<String, TensorType> types) {
    return Value.of(name, types.get(name));
  }

  private static Graph with(Graph graph, List<Value> outputs) {
    return new Graph(
        graph.name(),
        graph.inputs(),
        outputs,
        graph.nodes(),
        graph.weights(),
        graph.annotations(),
        graph.rest());
  }

  private Model everything(Set<String> names) {
    return model.with(
        with(model.graph(), names.stream().map(name -> Value.of(name, null)).toList()));
  }

  private static Map<String, Tensor> run(
      Model model, Map<String, Tensor> inputs, SessionOptions options) {
    try (Session session = Session.open(model, options)) {
      return session.run(inputs);
    }
  }

  Scope scope() {
    return new Scope(model);
  }

  /** Every layer that can be cut along the axis, and every block or chain, cut in so many. */
  List<Slicing> slicings(Axis axis, int pieces) {
    Scope scope = scope();
    List<Slicing> all = new ArrayList<>();
    if (axis == Axis.BLOCK_CHANNELS) {
      for (ChannelBlock block : ChannelBlocks.of(scope)) {
        block.slice(scope, pieces).ifPresent(all::add);
      }
    } else {
      for (Node node : scope.nodes()) {
        Slicer.slice(scope, node, axis, pieces).ifPresent(all::add);
      }
    }
    return all;
  }

  /** The same with pieces in the ratio 1 : 2 : 3, as for devices of different speed. */
  List<Slicing> uneven(Axis axis) {
    Scope scope = scope();
    List<Slicing> all = new ArrayList<>();
    if (axis == Axis.BLOCK_CHANNELS) {
      for (ChannelBlock block : ChannelBlocks.of(scope)) {
        shares(block.channels()).ifPresent(sizes -> all.add(block.slice(scope, sizes)));
      }
      return all;
    }
    for (Node node : scope.nodes()) {
      shares(Slicer.units(scope, node, axis))
          .flatMap(sizes -> Slicer.slice(scope, node, axis, sizes))
          .ifPresent(all::add);
    }
    return all;
  }

  /** Every layer that something goes along with, by output channels. */
  List<Slicing> along(int pieces) {
    Scope scope = scope();
    List<Slicing> all = new ArrayList<>();
    for (Node node : scope.nodes()) {
      ChannelChain.of(scope, node)
          .filter(chain -> chain.nodes().size() > 1)
          .flatMap(chain -> chain.slice(scope, pieces))
          .ifPresent(all::add);
    }
    return all;
  }

  private static Optional<long[]> shares(long units) {
    return units < 3 ? Optional.empty() : Optional.of(Shares.proportional(units, 1, 2, 3));
  }

  /** Tiles over several layers: every longest chain, and windows of it of a few cuts. */
  List<Slicing> chains(int pieces) {
    Scope scope = scope();
    List<Cut> cuts = Cuts.of(model.graph(), 1);
    Set<Segment> segments = new LinkedHashSet<>(RowTiles.segments(scope));
    for (int length : FUSED) {
      for (int i = 0; i + length < cuts.size(); i += length) {
        Segment segment = new Segment(cuts.get(i), cuts.get(i + length));
        if (RowTiles.rows(scope, segment) > 1) {
          segments.add(segment);
        }
      }
    }
    List<Slicing> all = new ArrayList<>();
    segments.forEach(segment -> RowTiles.of(scope, segment, pieces).ifPresent(all::add));
    return all;
  }

  /** How far the pieces, run one by one and merged, are from the model's own value. */
  double apart(Slicing slicing) {
    List<Tensor> results = new ArrayList<>();
    for (Piece piece : slicing.pieces()) {
      results.addAll(run(piece.model(), piece.cut(values), SessionOptions.defaults()).values());
    }
    Tensor whole = Objects.requireNonNull(values.get(slicing.output()), slicing.output());
    return Difference.of(
        Map.of(slicing.output(), whole),
        Map.of(slicing.output(), Merges.merge(slicing.merge(), results)));
  }

  /** How far the model with these slicings in its graph is from the model as it was. */
  double together(List<Slicing> slicings) {
    Graph graph = model.graph();
    for (Slicing slicing : slicings) {
      graph = Slicer.inGraph(new Scope(model.with(graph)), slicing).apply(graph);
    }
    return Difference.of(plain, run(model.with(graph), inputs, SessionOptions.defaults()));
  }
}
