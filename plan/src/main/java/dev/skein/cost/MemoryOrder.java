package dev.skein.cost;

import dev.skein.graph.Graph;
import dev.skein.graph.Node;
import dev.skein.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Orders nodes so that fewer bytes of activations are alive at the fullest moment. In general the
 * problem is NP-complete (Sethi 1975); for trees Sethi and Ullman (1970) and Liu (1987) solve it.
 * Here: dynamic programming over the sets of nodes that have run, where two orders of the same set
 * need only the better one (Ahn et al. 2020, "Ordering Chaos"), with
 *
 * <ul>
 *   <li>any node run at once that frees at least what it makes and reaches no new peak: no other
 *       choice can be better;
 *   <li>no set pursued whose peak is not below that of the order given;
 *   <li>a limited number of sets of each size, those with the lowest peak. As long as the limit is
 *       not reached the result is the best there is; beyond, the search is a bounded one.
 * </ul>
 *
 * <p>Inside one session an engine chooses its own order (ONNX Runtime does): this one counts for
 * what runs piece by piece.
 */
public final class MemoryOrder {
  private static final int MOST_SETS = 512;

  /** Sets of each size times nodes: large graphs get fewer sets. */
  private static final int SETS_TIMES_NODES = 200_000;

  /** Nodes looked at, in all, before the search goes straight to its end. */
  private static final long WORK = 5_000_000;

  private static final int CHOICES = 24;

  private final Dependencies graph;
  private final long bound;
  private long work = WORK;

  /** The nodes that have run, those that may go next, bytes alive now and at most so far. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, only read
  private record State(BitSet done, int[] ready, long alive, long peak, @Nullable Step last) {}

  private record Step(int node, @Nullable Step before) {}

  /** What running a node next would come to. */
  private record Choice(State from, int node, long peak, long alive) {}

  private MemoryOrder(Dependencies graph, long bound) {
    this.graph = graph;
    this.bound = bound;
  }

  /**
   * The same graph with its nodes in an order whose {@link MemoryProfile#peak} is lower; the graph
   * itself if none was found.
   *
   * @param specs of all values that depend on the input
   */
  public static Graph of(Graph graph, Map<String, TensorSpec> specs) {
    long given = MemoryProfile.of(graph, specs).peak();
    Dependencies dependencies = new Dependencies(graph, specs);
    if (given <= dependencies.least()) {
      return graph;
    }
    Step last = new MemoryOrder(dependencies, given).search();
    List<Node> nodes = new ArrayList<>();
    for (Step step = last; step != null; step = step.before()) {
      nodes.add(graph.nodes().get(step.node()));
    }
    return nodes.isEmpty() ? graph : graph.withNodes(nodes.reversed());
  }

  private @Nullable Step search() {
    long start = graph.atStart();
    List<State> states = List.of(new State(new BitSet(), graph.first(), start, start, null));
    int width = Math.clamp(SETS_TIMES_NODES / graph.nodes(), 1, MOST_SETS);
    for (int size = 0; size < graph.nodes(); size++) {
      Map<BitSet, Choice> next = new LinkedHashMap<>();
      for (State state : states) {
        for (Choice choice : choices(state)) {
          next.merge(done(choice), choice, (a, b) -> b.peak() < a.peak() ? b : a);
        }
      }
      states = best(next.values(), work > 0 ? width : 1).stream().map(this::run).toList();
    }
    return states.isEmpty() ? null : states.getFirst().last();
  }

  private static List<Choice> best(Collection<Choice> choices, int most) {
    if (choices.size() <= most) {
      return List.copyOf(choices);
    }
    return choices.stream()
        .sorted(Comparator.comparingLong(Choice::peak).thenComparingLong(Choice::alive))
        .limit(most)
        .toList();
  }

  /** All that stay below the bound, fewest bytes first; one only if none can be better than it. */
  private List<Choice> choices(State state) {
    List<Choice> choices = new ArrayList<>();
    int looked = 0;
    for (int node : state.ready()) {
      if (work < 0 && looked++ == CHOICES && !choices.isEmpty()) {
        break;
      }
      work--;
      long during = state.alive() + graph.made(node);
      long after = during - graph.freed(node, state.done());
      if (during <= state.peak() && after <= state.alive()) {
        return List.of(new Choice(state, node, state.peak(), after));
      }
      if (during < bound) {
        choices.add(new Choice(state, node, Math.max(during, state.peak()), after));
      }
    }
    if (choices.size() > CHOICES) {
      choices.sort(Comparator.comparingLong(Choice::alive).thenComparingLong(Choice::peak));
      return choices.subList(0, CHOICES);
    }
    return choices;
  }

  private static BitSet done(Choice choice) {
    BitSet done = (BitSet) choice.from().done().clone();
    done.set(choice.node());
    return done;
  }

  private State run(Choice choice) {
    BitSet done = done(choice);
    return new State(
        done,
        graph.ready(choice.from().ready(), choice.node(), done),
        choice.alive(),
        choice.peak(),
        new Step(choice.node(), choice.from().last()));
  }
}
