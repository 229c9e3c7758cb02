package dev.skein.plan;

import java.util.Arrays;
import java.util.List;

/**
 * What stages use up on their devices, and how much of it there is: bytes of memory, or, where each
 * device may run one stage only, that one turn.
 *
 * @param maxDevices most devices that may be at work
 * @param capacity by device
 * @param binding whether a plan could use up more than there is, by device
 */
@SuppressWarnings("ArrayRecordComponent") // internal, never written after
record Scarcity(
    Instance instance, boolean once, int maxDevices, long[] capacity, boolean[] binding) {
  static Scarcity memory(Instance instance, int maxDevices) {
    Chain chain = instance.chain();
    long all = chain.weights[chain.segments] + chain.segments;
    for (long activation : chain.activations) {
      all += activation;
    }
    int n = instance.devices();
    long[] capacity = new long[n];
    boolean[] binding = new boolean[n];
    for (int d = 0; d < n; d++) {
      capacity[d] = Math.min(all, instance.fleet().memory[d]);
      binding[d] = capacity[d] < all;
    }
    return new Scarcity(instance, false, maxDevices, capacity, binding);
  }

  static Scarcity turns(Instance instance, int maxDevices) {
    int n = instance.devices();
    long[] capacity = new long[n];
    boolean[] binding = new boolean[n];
    Arrays.fill(capacity, 1);
    Arrays.fill(binding, true);
    return new Scarcity(instance, true, maxDevices, capacity, binding);
  }

  /** Whether how much a device has been used says anything about what is possible later. */
  boolean matters(int device) {
    return binding[device] || maxDevices < capacity.length;
  }

  long use(int from, int to) {
    return once ? 1 : instance.chain().stageBytes(from, to);
  }

  boolean allows(List<Stage> stages) {
    long[] used = new long[capacity.length];
    int devices = 0;
    for (Stage stage : stages) {
      int d = stage.device();
      devices += used[d] == 0 ? 1 : 0;
      used[d] += use(stage.from(), stage.to());
      if (used[d] > capacity[d] || devices > maxDevices) {
        return false;
      }
    }
    return true;
  }
}
