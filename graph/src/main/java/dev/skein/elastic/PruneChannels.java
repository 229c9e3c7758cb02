package dev.skein.elastic;

import dev.skein.graph.Dim;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.rewrite.Scope;
import dev.skein.slice.ChannelBlock;
import dev.skein.slice.ChannelBlocks;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Channel pruning, η6 of CrowdHMTware III-A1.
 *
 * <pre>
 * Before:  a layer that makes C channels, nodes that leave them apart, a layer that uses them up
 * After:   the same with the channels of greatest importance only
 * Conditions: {@link ChannelBlocks}; single-precision weights
 * Formula: importance of a channel = ‖its filter‖₁; C − ⌊share·C⌋ are kept, rounded up to a
 *          multiple of {@code multiple} where there are that many
 * </pre>
 *
 * @param share of each block's inner channels to remove; from 0 to less than 1
 * @param multiple kernels compute channels in groups of 8 or 16, so an odd rest costs as much as a
 *     whole group; 1 for the exact share
 */
public record PruneChannels(double share, int multiple) implements Compression {
  public PruneChannels {
    if (!(share >= 0) || share >= 1) {
      throw new IllegalArgumentException(
          "share " + share + " of channels to remove is not from 0 to less than 1");
    }
    if (multiple < 1) {
      throw new IllegalArgumentException("channels cannot be a multiple of " + multiple);
    }
  }

  /** Removes this share exactly. */
  public PruneChannels(double share) {
    this(share, 1);
  }

  @Override
  public String name() {
    return "prune-channels";
  }

  /** How many channels stay of so many. */
  public long kept(long channels) {
    long kept = channels - (long) Math.floor(share * channels);
    return Math.min(channels, Math.ceilDiv(kept, multiple) * multiple);
  }

  @Override
  public Compressed compress(Model model) {
    Map<String, long[]> plan = plan(new Scope(model));
    List<Compressed.Change> changes = new ArrayList<>();
    Model at = model;
    for (Map.Entry<String, long[]> entry : plan.entrySet()) {
      // A layer may end one block and begin the next: each block is found anew in what is left.
      Scope scope = new Scope(at);
      Node producer = scope.maker(entry.getKey());
      ChannelBlock block = producer == null ? null : ChannelBlocks.of(scope, producer).orElse(null);
      if (block != null) {
        at = at.with(narrowed(scope, block, entry.getValue()));
        changes.add(change(entry.getKey(), block.channels(), entry.getValue()));
      }
    }
    return new Compressed(at, changes);
  }

  /** The channels to keep, by the value that has them, judged on the weights as they are. */
  private Map<String, long[]> plan(Scope scope) {
    Map<String, long[]> plan = new LinkedHashMap<>();
    for (ChannelBlock block : ChannelBlocks.of(scope)) {
      int kept = Math.toIntExact(kept(block.channels()));
      double[] importance = importance(scope, block);
      if (importance != null && kept < importance.length) {
        plan.put(block.producer().outputs().getFirst(), greatest(importance, kept));
      }
    }
    return plan;
  }

  private static long[] greatest(double[] importance, int count) {
    return IntStream.range(0, importance.length)
        .boxed()
        .sorted(Comparator.comparingDouble(channel -> -importance[channel]))
        .limit(count)
        .mapToLong(Integer::longValue)
        .sorted()
        .toArray();
  }

  private static double @Nullable [] importance(Scope scope, ChannelBlock block) {
    Tensor weight = scope.floats(block.weight());
    if (weight == null) {
      return null;
    }
    int axis = block.weightAxis();
    double[] norms = new double[Math.toIntExact(weight.shape().dim(axis))];
    long inner = 1;
    for (int i = axis + 1; i < weight.shape().rank(); i++) {
      inner *= weight.shape().dim(i);
    }
    float[] values = weight.toFloats();
    for (int i = 0; i < values.length; i++) {
      norms[(int) (i / inner % norms.length)] += Math.abs(values[i]);
    }
    return norms;
  }

  private static Graph narrowed(Scope scope, ChannelBlock block, long[] kept) {
    ChannelBlock.Narrowed narrow = block.narrow(scope, kept, true);
    Patch patch = new Patch();
    Set<String> resized = new HashSet<>();
    Set<String> read = new HashSet<>();
    for (int i = 0; i < block.nodes().size(); i++) {
      Node old = block.nodes().get(i);
      patch.replace(old, List.of(narrow.nodes().get(i)));
      resized.addAll(old.makes());
      read.addAll(old.reads());
    }
    narrow.nodes().forEach(node -> read.removeAll(node.reads()));
    resized.removeAll(block.consumer().makes());
    narrow.weights().forEach(patch::weight);
    read.retainAll(scope.graph().weights().keySet());
    read.stream()
        .filter(weight -> !scope.isOutput(weight))
        .filter(weight -> scope.readers(weight).stream().allMatch(patch::touches))
        .forEach(patch::removeWeight);
    Graph graph = patch.apply(scope.graph());
    List<Value> declared =
        graph.annotations().stream()
            .map(value -> resized.contains(value.name()) ? ofAnySize(value) : value)
            .toList();
    return new Graph(
        graph.name(),
        graph.inputs(),
        graph.outputs(),
        graph.nodes(),
        graph.weights(),
        declared,
        graph.rest());
  }

  private static Value ofAnySize(Value value) {
    TensorType type = value.type();
    List<Dim> dims = type == null ? null : type.dims();
    return type == null || dims == null
        ? value
        : Value.of(value.name(), TensorType.ofRank(type.element(), dims.size()));
  }

  private static Compressed.Pruned change(String value, long channels, long[] kept) {
    Set<Long> there = new HashSet<>(LongStream.of(kept).boxed().toList());
    return new Compressed.Pruned(
        value,
        channels,
        LongStream.range(0, channels).filter(channel -> !there.contains(channel)).boxed().toList());
  }
}
