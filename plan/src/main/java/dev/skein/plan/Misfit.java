package dev.skein.plan;

import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Says in one line why no plan was found. */
final class Misfit {
  private static final int MOST_NAMES = 8;

  private Misfit() {}

  /**
   * @param proven whether there is no plan, or only none was found
   */
  static PlanException of(Instance instance, boolean proven) {
    Chain chain = instance.chain();
    for (int s = 0; s < chain.segments; s++) {
      int segment = s;
      if (IntStream.range(0, instance.devices())
          .allMatch(d -> instance.reach()[d][segment] == segment)) {
        return new PlanException(
            "segment %d alone needs %s (%s of weights, %s of activations), more than any device has: %s; add a device with more memory or quantise the model"
                .formatted(
                    s,
                    bytes(chain.stageBytes(s, s + 1)),
                    bytes(chain.weights[s + 1] - chain.weights[s]),
                    bytes(chain.activations[s]),
                    offers(instance)));
      }
    }
    String whole =
        "the model needs %s (%s of weights) on one device"
            .formatted(
                bytes(chain.stageBytes(0, chain.segments)), bytes(chain.weights[chain.segments]));
    return new PlanException(
        "%s: %s, and devices offer %s; add a device or memory, quantise the model, or check the links"
            .formatted(
                proven ? "no placement fits" : "no placement was found in the time allowed",
                whole,
                offers(instance)));
  }

  private static String offers(Instance instance) {
    Fleet fleet = instance.fleet();
    String names =
        IntStream.range(0, fleet.devices)
            .boxed()
            .sorted(Comparator.comparingLong(d -> -fleet.memory[d]))
            .limit(MOST_NAMES)
            .map(d -> fleet.names.get(d) + " " + bytes(fleet.memory[d]))
            .collect(Collectors.joining(", "));
    int more = fleet.devices - MOST_NAMES;
    return more > 0 ? names + " and %d smaller".formatted(more) : names;
  }

  /** For people: 1.2 MB. */
  static String bytes(long bytes) {
    if (bytes < 1000) {
      return bytes + " B";
    }
    double value = bytes;
    String unit = "";
    for (String next : new String[] {"kB", "MB", "GB", "TB", "PB", "EB"}) {
      if (value < 999.95) {
        break;
      }
      value /= 1000;
      unit = next;
    }
    return String.format(Locale.ROOT, value < 99.95 ? "%.1f %s" : "%.0f %s", value, unit);
  }
}
