package dev.skein.slice;

import dev.skein.graph.Node;
import dev.skein.graph.Weight;
import dev.skein.rewrite.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * A layer that makes channels, nodes that leave them apart, and a layer that uses them up: expand →
 * depthwise → project, or the two halves of a feed-forward. It can be cut by inner channels all the
 * way through: the first layer by output channels, the last by input channels, one sum at the end.
 */
public final class ChannelBlock {
  private final Layer first;
  private final List<ChannelStep> steps;
  private final Layer last;
  private final ChannelStep.Place inner;
  private final List<Node> nodes;

  /**
   * @param nodes all of them, in the graph's order
   * @param inner where the last layer's data has the channels
   */
  ChannelBlock(
      Layer first, List<ChannelStep> steps, Layer last, ChannelStep.Place inner, List<Node> nodes) {
    this.first = first;
    this.steps = List.copyOf(steps);
    this.last = last;
    this.inner = inner;
    this.nodes = List.copyOf(nodes);
  }

  /** The layer that makes the channels. */
  public Node producer() {
    return first.node();
  }

  /** The layer that uses them up. */
  public Node consumer() {
    return last.node();
  }

  /** All nodes of the block in the graph's order, producer first and consumer last. */
  public List<Node> nodes() {
    return nodes;
  }

  /** Inner channels. */
  public long channels() {
    return first.outputs();
  }

  /** The producer's weights, and the axis of them that has the inner channels. */
  public String weight() {
    return first.weight();
  }

  /** See {@link #weight}. */
  public int weightAxis() {
    return first.weightAxis();
  }

  /**
   * The block's nodes for some of its inner channels.
   *
   * @param nodes one for each node of the block, in the same order, with the same outputs
   * @param weights parts of weights that they read, under names that the graph does not have
   */
  public record Narrowed(List<Node> nodes, Map<String, Weight> weights) {
    public Narrowed {
      nodes = List.copyOf(nodes);
      weights = Map.copyOf(weights);
    }
  }

  /**
   * The block with these inner channels only, in this order.
   *
   * @param bias whether the consumer keeps its bias, which only one of several pieces may have
   */
  public Narrowed narrow(Scope scope, long[] channels, boolean bias) {
    Parts parts = new Parts(scope);
    List<Node> narrow = new ArrayList<>();
    narrow.add(first.takeOutputs(channels, parts));
    steps.forEach(step -> narrow.add(step.take(channels, parts)));
    narrow.add(last.takeInputs(inner.indices(channels), bias, parts));
    return new Narrowed(narrow, parts.weights());
  }

  /**
   * Pieces as near to equal as can be.
   *
   * @return empty if there are fewer channels than pieces
   */
  public Optional<Slicing> slice(Scope scope, int pieces) {
    return pieces < 1 || pieces > channels()
        ? Optional.empty()
        : Optional.of(slice(scope, Shares.equal(channels(), pieces)));
  }

  /**
   * Pieces of so many inner channels each.
   *
   * @throws IllegalArgumentException if the sizes are not positive or do not add up to {@link
   *     #channels}
   */
  public Slicing slice(Scope scope, long[] sizes) {
    Shares.require(channels(), sizes);
    long[] bounds = Shares.bounds(sizes);
    PieceModels models = new PieceModels(scope);
    List<Piece> pieces = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      long[] channels = LongStream.range(bounds[i], bounds[i + 1]).toArray();
      Narrowed narrow = narrow(scope, channels, i == 0);
      pieces.add(models.piece(narrow.nodes(), narrow.weights(), Map.of(), last.output(), null));
    }
    return new Slicing(Axis.BLOCK_CHANNELS, nodes, pieces, new Merge.Sum(), last.output());
  }
}
