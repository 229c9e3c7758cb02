package dev.skein.plan;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A problem on some of the devices only.
 *
 * @param chosen which, by their index in the whole
 */
@SuppressWarnings("ArrayRecordComponent") // internal, never written after
record Subset(Instance instance, int[] chosen) {
  static Subset of(Instance whole, int[] chosen) {
    return new Subset(whole.only(chosen), chosen);
  }

  /** The devices of some stages, and the fastest of the others up to a number. */
  static Subset of(Instance whole, List<Stage> stages, int most) {
    IntStream at = stages.stream().mapToInt(Stage::device);
    IntStream fastest =
        IntStream.range(0, whole.devices())
            .boxed()
            .sorted((a, b) -> Double.compare(whole.fleet().slowness[a], whole.fleet().slowness[b]))
            .mapToInt(d -> d);
    int used = (int) stages.stream().mapToInt(Stage::device).distinct().count();
    int[] chosen = IntStream.concat(at, fastest).distinct().limit(Math.max(used, most)).toArray();
    return of(whole, chosen);
  }

  /** Stages on the whole's devices, all of them chosen, as stages on this one's. */
  List<Stage> inside(List<Stage> stages) {
    int[] place = new int[Arrays.stream(chosen).max().orElse(0) + 1];
    for (int d = 0; d < chosen.length; d++) {
      place[chosen[d]] = d;
    }
    return stages.stream()
        .map(stage -> new Stage(place[stage.device()], stage.from(), stage.to()))
        .toList();
  }

  List<Stage> outside(List<Stage> stages) {
    return stages.stream()
        .map(stage -> new Stage(chosen[stage.device()], stage.from(), stage.to()))
        .toList();
  }
}
