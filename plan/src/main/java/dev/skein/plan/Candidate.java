package dev.skein.plan;

import dev.skein.cost.ChainCosts;
import dev.skein.cost.SegmentCost;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A plan worth showing.
 *
 * @param label for people: "pi-2 alone", "best with 3 devices"
 * @param devices names, by stage
 * @param bytesMoved between devices for one request, input and answer included
 * @param memoryBytes needed for weights and activations, by index of the devices at work
 */
public record Candidate(
    String label,
    Plan plan,
    List<String> devices,
    long bytesMoved,
    Map<Integer, Long> memoryBytes) {
  public Candidate {
    devices = List.copyOf(devices);
    memoryBytes = Map.copyOf(memoryBytes);
  }

  static Candidate of(Instance instance, String label, Plan plan) {
    long moved = 0;
    List<String> names = new ArrayList<>();
    Map<Integer, Long> memory = new HashMap<>();
    int at = instance.fleet().requester;
    for (Stage stage : plan.stages()) {
      moved += at == stage.device() ? 0 : instance.chain().cutBytes[stage.from()];
      at = stage.device();
      names.add(instance.fleet().name(at));
      memory.merge(at, instance.chain().stageBytes(stage.from(), stage.to()), Long::sum);
    }
    moved += at == instance.fleet().requester ? 0 : instance.chain().cutBytes[instance.segments()];
    return new Candidate(label, plan, names, moved, memory);
  }

  /** Weights that a stage's device has to hold. */
  public static long weightBytes(Stage stage, ChainCosts costs) {
    return costs.segments().subList(stage.from(), stage.to()).stream()
        .mapToLong(SegmentCost::weightBytes)
        .sum();
  }
}
