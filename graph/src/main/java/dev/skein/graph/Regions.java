package dev.skein.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How branches stand to each other: one after another, or side by side. */
final class Regions {
  /** Above this many branches in one region, its width is that of its widest level. */
  private static final int EXACT = 2048;

  /** Above this many ends times beginnings, a place does not count as a passage. */
  private static final long MOST_LINKS = 4096;

  private Regions() {}

  /**
   * The branches in order, apart wherever all that ends before a place is read by all that begins
   * behind it.
   *
   * @param branches all of a graph, so that ids are places
   */
  static List<List<Branch>> of(List<Branch> branches) {
    List<List<Branch>> regions = new ArrayList<>();
    Map<Integer, List<Integer>> entering = new HashMap<>();
    for (Branch branch : branches) {
      int last = branch.after().isEmpty() ? -1 : branch.after().getLast();
      entering.computeIfAbsent(last, any -> new ArrayList<>()).add(branch.id());
    }
    // Ends: nobody so far reads them. Beginnings: all that they read is there.
    Set<Integer> ends = new LinkedHashSet<>();
    Set<Integer> beginnings = new LinkedHashSet<>(entering.getOrDefault(-1, List.of()));
    int from = 0;
    for (int i = 0; i < branches.size(); i++) {
      Branch branch = branches.get(i);
      branch.after().forEach(ends::remove);
      ends.add(branch.id());
      beginnings.remove(branch.id());
      beginnings.addAll(entering.getOrDefault(branch.id(), List.of()));
      if (isPassage(branches, ends, beginnings)) {
        regions.add(branches.subList(from, i + 1));
        from = i + 1;
      }
    }
    return regions;
  }

  private static boolean isPassage(
      List<Branch> branches, Set<Integer> ends, Set<Integer> beginnings) {
    return (long) ends.size() * beginnings.size() <= MOST_LINKS
        && beginnings.stream()
            .map(id -> branches.get(id).after())
            .allMatch(
                after -> after.size() >= ends.size() && new HashSet<>(after).containsAll(ends));
  }

  /**
   * The greatest number of branches of which none needs another: by Dilworth's theorem the least
   * number of chains that cover all, which is what a greatest matching of branches with later ones
   * leaves (Fulkerson 1956).
   */
  static int widest(List<Branch> region) {
    return region.size() > EXACT ? widestLevel(region) : region.size() - matched(later(region));
  }

  /** For each branch, the ones that need it, directly or not. */
  private static BitSet[] later(List<Branch> region) {
    Map<Integer, Integer> places = places(region);
    BitSet[] later = new BitSet[region.size()];
    for (int i = region.size() - 1; i >= 0; i--) {
      later[i] = later[i] == null ? new BitSet() : later[i];
      for (int id : region.get(i).after()) {
        Integer earlier = places.get(id);
        if (earlier != null) {
          later[earlier] = later[earlier] == null ? new BitSet() : later[earlier];
          later[earlier].or(later[i]);
          later[earlier].set(i);
        }
      }
    }
    return later;
  }

  private static Map<Integer, Integer> places(List<Branch> region) {
    Map<Integer, Integer> places = new HashMap<>();
    for (int i = 0; i < region.size(); i++) {
      places.put(region.get(i).id(), i);
    }
    return places;
  }

  private static int matched(BitSet[] later) {
    int[] partner = new int[later.length];
    Arrays.fill(partner, -1);
    int matched = 0;
    for (int i = 0; i < later.length; i++) {
      matched += augment(later, partner, i) ? 1 : 0;
    }
    return matched;
  }

  /** Breadth first along alternating paths, each right side looked at once. */
  private static boolean augment(BitSet[] later, int[] partner, int start) {
    BitSet fresh = new BitSet();
    fresh.set(0, later.length);
    int[] reachedFrom = new int[later.length];
    List<Integer> open = new ArrayList<>(List.of(start));
    Map<Integer, Integer> leftOf = new HashMap<>();
    for (int at = 0; at < open.size(); at++) {
      int left = open.get(at);
      for (int right = next(later[left], fresh, 0);
          right >= 0;
          right = next(later[left], fresh, right + 1)) {
        fresh.clear(right);
        reachedFrom[right] = left;
        if (partner[right] < 0) {
          turn(partner, reachedFrom, leftOf, right);
          return true;
        }
        leftOf.put(partner[right], right);
        open.add(partner[right]);
      }
    }
    return false;
  }

  private static int next(BitSet wanted, BitSet fresh, int from) {
    int right = wanted.nextSetBit(from);
    while (right >= 0 && !fresh.get(right)) {
      right = wanted.nextSetBit(right + 1);
    }
    return right;
  }

  // Each left side on the path gives up the right side it was reached by and takes the next.
  private static void turn(
      int[] partner, int[] reachedFrom, Map<Integer, Integer> leftOf, int free) {
    Integer right = free;
    while (right != null) {
      int left = reachedFrom[right];
      partner[right] = left;
      right = leftOf.get(left);
    }
  }

  private static int widestLevel(List<Branch> region) {
    Map<Integer, Integer> levels = new HashMap<>();
    Map<Integer, Integer> sizes = new HashMap<>();
    int widest = 0;
    for (Branch branch : region) {
      int level =
          branch.after().stream().mapToInt(id -> levels.getOrDefault(id, -1) + 1).max().orElse(0);
      levels.put(branch.id(), level);
      widest = Math.max(widest, sizes.merge(level, 1, Integer::sum));
    }
    return widest;
  }
}
