package dev.skein.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Partial plans that have just arrived on a device, as columns of numbers; each shares its past
 * with its parent.
 */
final class Labels {
  static final int NONE = -1;

  int count;
  int[] device = new int[256];

  /** The cut it arrived with. */
  int[] position = new int[256];

  int[] parent = new int[256];

  /** The next label at the same position. */
  int[] sibling = new int[256];

  /** Devices used so far. */
  int[] distinct = new int[256];

  /** What is left of everything scarce. */
  long[] free = new long[256];

  /** Cost up to the arrival. */
  double[] cost = new double[256];

  /** The same with a price on what was used. */
  double[] priced = new double[256];

  private final int[] first;

  Labels(int positions) {
    first = new int[positions];
  }

  void clear() {
    count = 0;
    Arrays.fill(first, NONE);
  }

  int firstAt(int p) {
    return first[p];
  }

  /** A new label after {@code from}; the caller sets its other columns. */
  int add(int from, int d, int p) {
    if (count == device.length) {
      grow(2 * count);
    }
    device[count] = d;
    position[count] = p;
    parent[count] = from;
    sibling[count] = first[p];
    first[p] = count;
    return count++;
  }

  List<Stage> stages(int label, int end) {
    List<Stage> stages = new ArrayList<>();
    for (int at = label; at != NONE; at = parent[at]) {
      stages.add(new Stage(device[at], position[at], end));
      end = position[at];
    }
    Collections.reverse(stages);
    return stages;
  }

  private void grow(int size) {
    device = Arrays.copyOf(device, size);
    position = Arrays.copyOf(position, size);
    parent = Arrays.copyOf(parent, size);
    sibling = Arrays.copyOf(sibling, size);
    distinct = Arrays.copyOf(distinct, size);
    free = Arrays.copyOf(free, size);
    cost = Arrays.copyOf(cost, size);
    priced = Arrays.copyOf(priced, size);
  }
}
