package dev.skein.cost;

import dev.skein.graph.Flow;
import dev.skein.graph.Graph;
import dev.skein.graph.Node;
import dev.skein.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** Who waits for whom in a graph, and what the values take, by number. */
final class Dependencies {
  private final Map<String, Integer> numbers = new LinkedHashMap<>();
  private final List<int[]> touched = new ArrayList<>();
  private final List<int[]> made = new ArrayList<>();
  private final List<int[]> before = new ArrayList<>();
  private final List<int[]> behind = new ArrayList<>();
  private final List<int[]> readers = new ArrayList<>();
  private final long[] bytes;
  private final BitSet kept = new BitSet();
  private final long atStart;

  Dependencies(Graph graph, Map<String, TensorSpec> specs) {
    Map<String, Integer> makers = new HashMap<>();
    List<Set<Integer>> followers = new ArrayList<>();
    List<Set<Integer>> readBy = new ArrayList<>();
    graph.requiredInputs().forEach(input -> number(input.name(), readBy));
    for (int i = 0; i < graph.nodes().size(); i++) {
      Node node = graph.nodes().get(i);
      followers.add(new LinkedHashSet<>());
      Set<Integer> makersOfReads = new LinkedHashSet<>();
      Set<Integer> both = new LinkedHashSet<>();
      for (String value : node.reads()) {
        int number = number(value, readBy);
        both.add(number);
        readBy.get(number).add(i);
        Integer maker = makers.get(value);
        if (maker != null) {
          makersOfReads.add(maker);
          followers.get(maker).add(i);
        }
      }
      Set<Integer> own = new LinkedHashSet<>();
      for (String value : node.makes()) {
        own.add(number(value, readBy));
        makers.put(value, i);
      }
      both.addAll(own);
      before.add(array(makersOfReads));
      made.add(array(own));
      touched.add(array(both));
    }
    graph.outputs().forEach(output -> kept.set(number(output.name(), readBy)));
    followers.forEach(nodes -> behind.add(array(nodes)));
    readBy.forEach(nodes -> readers.add(array(nodes)));
    Flow flow = new Flow(graph);
    bytes = new long[numbers.size()];
    numbers.forEach((value, number) ->
        bytes[number] = flow.isDynamic(value) ? GraphCosts.bytes(specs, value) : 0);
    atStart =
        graph.requiredInputs().stream()
            .mapToInt(input -> number(input.name(), readBy))
            .filter(number -> kept.get(number) || readers.get(number).length > 0)
            .mapToLong(number -> bytes[number])
            .sum();
  }

  private int number(String value, List<Set<Integer>> readBy) {
    Integer known = numbers.putIfAbsent(value, numbers.size());
    if (known == null) {
      readBy.add(new LinkedHashSet<>());
      return numbers.size() - 1;
    }
    return known;
  }

  private static int[] array(Collection<Integer> numbers) {
    return numbers.stream().mapToInt(Integer::intValue).toArray();
  }

  int nodes() {
    return made.size();
  }

  /** Bytes of the inputs that are used. */
  long atStart() {
    return atStart;
  }

  /** Nodes that wait for nobody. */
  int[] first() {
    return IntStream.range(0, nodes()).filter(node -> before.get(node).length == 0).toArray();
  }

  /** Bytes that come to be while a node runs. */
  long made(int node) {
    return sum(made.get(node));
  }

  /** Bytes that no order of the nodes can do with less than. */
  long least() {
    long least = atStart;
    for (int[] values : touched) {
      least = Math.max(least, sum(values));
    }
    return least;
  }

  private long sum(int[] values) {
    long sum = 0;
    for (int value : values) {
      sum += bytes[value];
    }
    return sum;
  }

  /** Bytes that nobody needs any more once a node has run after those that are done. */
  long freed(int node, BitSet done) {
    long freed = 0;
    for (int value : touched.get(node)) {
      if (bytes[value] > 0 && !kept.get(value) && isSpent(value, node, done)) {
        freed += bytes[value];
      }
    }
    return freed;
  }

  private boolean isSpent(int value, int node, BitSet done) {
    // From the last: that is most likely the one that has not run.
    int[] all = readers.get(value);
    for (int i = all.length - 1; i >= 0; i--) {
      if (all[i] != node && !done.get(all[i])) {
        return false;
      }
    }
    return true;
  }

  /** Who may run next once a node has: those that waited for it, then the others that could. */
  int[] ready(int[] ready, int node, BitSet done) {
    int[] next = new int[ready.length - 1 + behind.get(node).length];
    int count = 0;
    for (int follower : behind.get(node)) {
      if (isReady(follower, done)) {
        next[count++] = follower;
      }
    }
    for (int other : ready) {
      if (other != node) {
        next[count++] = other;
      }
    }
    return Arrays.copyOf(next, count);
  }

  private boolean isReady(int node, BitSet done) {
    int[] makers = before.get(node);
    for (int i = makers.length - 1; i >= 0; i--) {
      if (!done.get(makers[i])) {
        return false;
      }
    }
    return true;
  }
}
