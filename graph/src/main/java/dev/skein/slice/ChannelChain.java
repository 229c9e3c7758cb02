package dev.skein.slice;

import dev.skein.graph.Node;
import dev.skein.rewrite.Scope;
import dev.skein.slice.ChannelStep.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A layer with what stands directly behind it and leaves its channels apart: normalisation,
 * activation, pooling, a depthwise convolution. Cut by output channels it makes one exchange of
 * what would be several.
 */
public final class ChannelChain {
  private final Layer first;
  private final List<ChannelStep> steps;
  private final List<Node> nodes;
  private final Place last;

  private ChannelChain(Layer first, List<ChannelStep> steps, List<Node> nodes, Place last) {
    this.first = first;
    this.steps = List.copyOf(steps);
    this.nodes = List.copyOf(nodes);
    this.last = last;
  }

  /** As long as can be; the layer alone if nothing goes along; empty if the node is no layer. */
  public static Optional<ChannelChain> of(Scope scope, Node node) {
    Layer first = Layer.of(scope, node);
    if (first == null) {
      return Optional.empty();
    }
    ChannelSteps rules = new ChannelSteps(scope, first.outputs());
    List<ChannelStep> steps = new ArrayList<>();
    List<Node> nodes = new ArrayList<>(List.of(node));
    Place place = new Place(first.outputAxis(), 1, first.outputRank());
    String value = first.output();
    for (Node next = scope.onlyReader(value); next != null; next = scope.onlyReader(value)) {
      ChannelSteps.Found found = rules.find(next, Map.of(value, place));
      if (found == null) {
        break;
      }
      steps.add(found.step());
      nodes.add(next);
      place = found.output();
      value = next.outputs().getFirst();
    }
    return Optional.of(new ChannelChain(first, steps, nodes, place));
  }

  /** The layer, then what goes along. */
  public List<Node> nodes() {
    return nodes;
  }

  /** The layer's output channels. */
  public long channels() {
    return first.outputs();
  }

  /**
   * Pieces as near to equal as the layer's groups allow.
   *
   * @return empty if there are fewer channels than pieces
   */
  public Optional<Slicing> slice(Scope scope, int pieces) {
    long[] bounds = pieces < 1 ? null : first.outputBounds(pieces);
    return bounds == null ? Optional.empty() : cut(scope, bounds);
  }

  /**
   * Pieces of so many channels each.
   *
   * @return empty if a piece would hold parts of several groups of a convolution
   * @throws IllegalArgumentException if the sizes are not positive or do not add up to {@link
   *     #channels}
   */
  public Optional<Slicing> slice(Scope scope, long[] sizes) {
    Shares.require(channels(), sizes);
    return cut(scope, Shares.bounds(sizes));
  }

  private Optional<Slicing> cut(Scope scope, long[] bounds) {
    String output = nodes.getLast().outputs().getFirst();
    List<Piece> pieces = new ArrayList<>();
    for (int i = 0; i + 1 < bounds.length; i++) {
      Piece piece = piece(scope, bounds[i], bounds[i + 1], output);
      if (piece == null) {
        return Optional.empty();
      }
      pieces.add(piece);
    }
    Merge merge = new Merge.Concat(last.axis());
    return Optional.of(new Slicing(Axis.OUTPUT_CHANNELS, nodes, pieces, merge, output));
  }

  private @Nullable Piece piece(Scope scope, long from, long to, String output) {
    if (!first.allows(from, to)) {
      return null;
    }
    long[] channels = LongStream.range(from, to).toArray();
    Parts parts = new Parts(scope);
    List<Node> part = new ArrayList<>(List.of(first.takeOutputs(channels, parts)));
    steps.forEach(step -> part.add(step.take(channels, parts)));
    Region needed = first.needs(from, to);
    Map<String, Region> inputs = needed == null ? Map.of() : Map.of(first.data(), needed);
    Region made = new Region(last.axis(), from * last.width(), to * last.width());
    return new PieceModels(scope).piece(part, parts.weights(), inputs, output, made);
  }
}
