package dev.skein.slice;

import dev.skein.graph.Node;
import dev.skein.rewrite.Scope;
import dev.skein.slice.ChannelStep.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Finds blocks of layers whose inner channels can be cut all the way through. */
public final class ChannelBlocks {
  private final Scope scope;
  private final IdentityHashMap<Node, Integer> positions = new IdentityHashMap<>();

  private ChannelBlocks(Scope scope) {
    this.scope = scope;
    for (int i = 0; i < scope.nodes().size(); i++) {
      positions.put(scope.nodes().get(i), i);
    }
  }

  /**
   * Every block, by its producer in the graph's order. Neighbours may share a layer: the last of
   * one is the first of the next.
   */
  public static List<ChannelBlock> of(Scope scope) {
    ChannelBlocks blocks = new ChannelBlocks(scope);
    return scope.nodes().stream().map(blocks::from).flatMap(Optional::stream).toList();
  }

  /** The block that begins with this node of the scope's graph. */
  public static Optional<ChannelBlock> of(Scope scope, Node producer) {
    return new ChannelBlocks(scope).from(producer);
  }

  private Optional<ChannelBlock> from(Node producer) {
    Layer first = Layer.of(scope, producer);
    return first == null || !first.isDense() || first.outputs() < 2
        ? Optional.empty()
        : Optional.ofNullable(grow(first));
  }

  /** Follows everything that depends on the layer's output up to the one layer that uses it up. */
  private @Nullable ChannelBlock grow(Layer first) {
    ChannelSteps rules = new ChannelSteps(scope, first.outputs());
    Map<String, Place> places = new HashMap<>();
    NavigableSet<Integer> open = new TreeSet<>();
    List<ChannelStep> steps = new ArrayList<>();
    List<Node> nodes = new ArrayList<>(List.of(first.node()));
    Layer last = null;
    Place place = new Place(first.outputAxis(), 1, first.outputRank());
    if (!enter(first.output(), place, places, open)) {
      return null;
    }
    while (!open.isEmpty()) {
      // In the graph's order: all that a node reads of the block is known when its turn comes.
      Node node = scope.nodes().get(Objects.requireNonNull(open.pollFirst()));
      ChannelSteps.Found found = rules.find(node, places);
      if (found == null) {
        if (last != null) {
          return null;
        }
        last = consumer(node, first.outputs(), places);
        if (last == null) {
          return null;
        }
        continue;
      }
      steps.add(found.step());
      nodes.add(node);
      if (!enter(node.outputs().getFirst(), found.output(), places, open)) {
        return null;
      }
    }
    if (last == null) {
      return null;
    }
    nodes.add(last.node());
    return new ChannelBlock(
        first, steps, last, Objects.requireNonNull(places.get(last.data())), nodes);
  }

  /** False if the value is seen outside. */
  private boolean enter(
      String value, Place place, Map<String, Place> places, NavigableSet<Integer> open) {
    places.put(value, place);
    scope.readers(value).forEach(node -> open.add(positions.getOrDefault(node, 0)));
    return !scope.isOutput(value);
  }

  private @Nullable Layer consumer(Node node, long channels, Map<String, Place> places) {
    Layer layer = Layer.of(scope, node);
    if (layer == null || !layer.isDense()) {
      return null;
    }
    Place place = places.get(layer.data());
    boolean fits =
        place != null
            && place.axis() == layer.dataAxis()
            && layer.inputs() == channels * place.width()
            && node.inputs().stream().skip(1).noneMatch(places::containsKey);
    return fits ? layer : null;
  }
}
