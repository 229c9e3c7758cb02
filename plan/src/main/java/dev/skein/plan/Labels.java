package dev.skein.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Partial plans that have just arrived on a device, as columns of numbers. */
final class Labels {
  static final int NONE = -1;

  private final int devices;
  int count;

  /** Where it is: on which device, with which cut. */
  int[] device = new int[64];

  int[] position = new int[64];

  /** The label whose stage ended there. */
  int[] parent = new int[64];

  /** Devices at work so far, this one included. */
  int[] distinct = new int[64];

  /** What is left of everything scarce. */
  long[] free = new long[64];

  /** Cost so far; the same with a price on what was used. */
  double[] cost = new double[64];

  double[] priced = new double[64];

  /** {@code [label * devices + d]}: what of d has been used up. */
  long[] used;

  Labels(int devices) {
    this.devices = devices;
    used = new long[64 * devices];
  }

  void clear() {
    count = 0;
  }

  /** A new label; the caller sets costs and what is left. */
  int add(int before, int d, int p) {
    if (count == device.length) {
      grow(2 * count);
    }
    device[count] = d;
    position[count] = p;
    parent[count] = before;
    int row = count * devices;
    if (before == NONE) {
      Arrays.fill(used, row, row + devices, 0);
    } else {
      System.arraycopy(used, before * devices, used, row, devices);
    }
    return count++;
  }

  void removeLast() {
    count--;
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
    distinct = Arrays.copyOf(distinct, size);
    free = Arrays.copyOf(free, size);
    cost = Arrays.copyOf(cost, size);
    priced = Arrays.copyOf(priced, size);
    used = Arrays.copyOf(used, size * devices);
  }
}
