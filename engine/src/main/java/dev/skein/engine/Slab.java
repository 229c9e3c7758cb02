package dev.skein.engine;

import dev.skein.graph.Graph;
import dev.skein.graph.Node;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One block of memory in which all intermediate values of a graph have their places; values that
 * are never alive together share bytes. Safe for any order in which the nodes may run: a value
 * takes another's bytes only if its maker depends on all that read them.
 *
 * @param offsets by value
 */
record Slab(Map<String, Long> offsets, long bytes) {
  private static final long ALIGNMENT = 64;
  // These hand on their first input's bytes; given one place for both, they do nothing.
  private static final Set<String> VIEWS =
      Set.of("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity");
  // ONNX Runtime computes these in place itself where it may.
  private static final Set<String> IN_PLACE =
      Set.of("Relu", "Clip", "Sigmoid", "HardSigmoid", "Tanh", "LeakyRelu", "Add", "Mul");
  private static final int SUM = 3;

  /** Values that have one place; {@code users} are the nodes that make or read them. */
  private static final class Block {
    private final List<String> values = new ArrayList<>();
    private final BitSet users = new BitSet();
    private final int maker;
    private final long bytes;
    private long offset = -1;

    private Block(int maker, long bytes) {
      this.maker = maker;
      this.bytes = bytes;
    }
  }

  /**
   * @param bytes size of each value that shall have a place; what else nodes make is either an
   *     output of the graph or memory of ONNX Runtime's own
   * @param barriers positions of nodes that run when all before them are done
   */
  static Slab plan(Graph graph, Map<String, Long> bytes, BitSet barriers) {
    List<Node> nodes = graph.nodes();
    Set<String> outputs = new HashSet<>();
    graph.outputs().forEach(output -> outputs.add(output.name()));
    Map<String, Integer> makers = new HashMap<>();
    Map<String, BitSet> readers = new HashMap<>();
    BitSet[] ancestors = new BitSet[nodes.size()];
    int barrier = 0;
    for (int i = 0; i < ancestors.length; i++) {
      ancestors[i] = new BitSet();
      barrier = barriers.get(i) ? i : barrier;
      ancestors[i].set(0, barrier);
      for (String value : nodes.get(i).reads()) {
        readers.computeIfAbsent(value, ignored -> new BitSet()).set(i);
        Integer maker = makers.get(value);
        if (maker != null) {
          ancestors[i].or(ancestors[maker]);
          ancestors[i].set(maker);
        }
      }
      for (String value : nodes.get(i).makes()) {
        makers.put(value, i);
      }
    }
    List<Block> blocks = new ArrayList<>();
    Map<String, Block> blockOf = new HashMap<>();
    Map<String, Set<Block>> seenThrough = new HashMap<>();
    for (int i = 0; i < ancestors.length; i++) {
      for (String value : nodes.get(i).makes()) {
        Long size = bytes.get(value);
        if (size == null) {
          if (!outputs.contains(value)) {
            // ONNX Runtime may make it a view of what the node reads.
            Set<Block> sources = sources(nodes.get(i), blockOf, seenThrough);
            BitSet reading = readers.getOrDefault(value, new BitSet());
            sources.forEach(block -> block.users.or(reading));
            seenThrough.put(value, sources);
          }
          continue;
        }
        Block block = shared(nodes.get(i), value, size, i, ancestors[i], blockOf);
        if (block == null) {
          block = new Block(i, size);
          blocks.add(block);
        }
        block.values.add(value);
        block.users.set(i);
        block.users.or(readers.getOrDefault(value, new BitSet()));
        blockOf.put(value, block);
      }
    }
    return place(blocks, ancestors);
  }

  private static Set<Block> sources(
      Node node, Map<String, Block> blockOf, Map<String, Set<Block>> seenThrough) {
    Set<Block> sources = new HashSet<>();
    for (String value : node.reads()) {
      Block block = blockOf.get(value);
      if (block != null) {
        sources.add(block);
      }
      sources.addAll(seenThrough.getOrDefault(value, Set.of()));
    }
    return sources;
  }

  /** The block of an input that the node may leave its output in; null if there is none. */
  private static @Nullable Block shared(
      Node node, String output, long bytes, int at, BitSet before, Map<String, Block> blockOf) {
    if (!output.equals(node.outputs().getFirst())) {
      return null;
    }
    boolean standard = node.domain().isEmpty();
    List<String> inputs = node.inputs();
    if (standard && VIEWS.contains(node.op())) {
      Block block = blockOf.get(inputs.getFirst());
      return block != null && block.bytes == bytes ? block : null;
    }
    List<String> candidates =
        standard && IN_PLACE.contains(node.op())
            ? inputs.subList(0, Math.min(2, inputs.size()))
            : node.op().endsWith("Conv") && !standard && inputs.size() > SUM
                ? inputs.subList(SUM, SUM + 1)
                : List.of();
    for (String input : candidates) {
      Block block = blockOf.get(input);
      if (block != null && block.bytes == bytes && spent(block, at, before)) {
        return block;
      }
    }
    return null;
  }

  private static boolean spent(Block block, int at, BitSet before) {
    BitSet others = (BitSet) block.users.clone();
    others.clear(at);
    others.andNot(before);
    return others.isEmpty();
  }

  private static Slab place(List<Block> blocks, BitSet[] ancestors) {
    List<Block> placed = new ArrayList<>();
    List<Block> bySize =
        blocks.stream()
            .sorted(Comparator.comparingLong((Block block) -> block.bytes).reversed())
            .toList();
    long end = 0;
    for (Block block : bySize) {
      List<Block> inTheWay =
          placed.stream()
              .filter(other -> meet(block, other, ancestors))
              .sorted(Comparator.comparingLong(other -> other.offset))
              .toList();
      long offset = 0;
      for (Block other : inTheWay) {
        if (offset + block.bytes <= other.offset) {
          break;
        }
        offset = Math.max(offset, roundUp(other.offset + other.bytes));
      }
      block.offset = offset;
      placed.add(block);
      end = Math.max(end, offset + block.bytes);
    }
    Map<String, Long> offsets = new LinkedHashMap<>();
    blocks.forEach(block -> block.values.forEach(value -> offsets.put(value, block.offset)));
    return new Slab(offsets, end);
  }

  private static boolean meet(Block one, Block other, BitSet[] ancestors) {
    return !covers(ancestors[one.maker], other.users) && !covers(ancestors[other.maker], one.users);
  }

  private static boolean covers(BitSet nodes, BitSet users) {
    BitSet outside = (BitSet) users.clone();
    outside.andNot(nodes);
    return outside.isEmpty();
  }

  private static long roundUp(long offset) {
    return Math.ceilDiv(offset, ALIGNMENT) * ALIGNMENT;
  }
}
