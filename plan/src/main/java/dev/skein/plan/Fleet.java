package dev.skein.plan;

import dev.skein.cost.DeviceProfile;
import dev.skein.cost.LinkProfile;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A swarm as checked, flat arrays. Index {@code devices} stands for a requester that computes
 * nothing.
 */
final class Fleet {
  final int devices;
  final int requester;
  final List<String> names;
  final double[] slowness;
  final double[] overhead;
  final long[] memory;

  /** Transfer time is delay + bytes × perByte, at {@link #at}; where there is no way: never. */
  final double[] delay;

  final double[] perByte;

  /** Of the best link out of and into each device: what its own access to the network allows. */
  final double[] perByteOut;

  final double[] perByteIn;

  Fleet(Swarm swarm) {
    devices = swarm.devices().size();
    requester = swarm.requester();
    if (devices == 0) {
      throw new PlanException("the swarm has no device that computes; start a node");
    }
    names = names(swarm.devices());
    slowness = new double[devices];
    overhead = new double[devices];
    memory = new long[devices];
    for (int d = 0; d < devices; d++) {
      DeviceProfile device = swarm.devices().get(d);
      slowness[d] = number(device.slowness(), names.get(d), "slowness");
      overhead[d] = number(device.overheadMillis(), names.get(d), "overhead");
      memory[d] = device.memoryBytes();
      if (memory[d] < 0) {
        throw new PlanException(
            "device %s: memory of %d bytes is not a size; measure it again"
                .formatted(names.get(d), memory[d]));
      }
    }
    int width = devices + 1;
    delay = new double[width * width];
    perByte = new double[width * width];
    Arrays.fill(delay, Instance.NEVER);
    int present = requester == devices ? width : devices;
    for (int to = 0; to < present; to++) {
      for (int from = 0; from < present; from++) {
        LinkProfile link = from == to ? null : swarm.link(from, to);
        if (link != null) {
          double rate = 1000 / link.bytesPerSecond();
          if (!usable(link.latencyMillis()) || !usable(link.bytesPerSecond()) || !usable(rate)) {
            throw unusable(from, to, link);
          }
          delay[at(from, to)] = link.latencyMillis();
          perByte[at(from, to)] = rate;
        }
      }
    }
    perByteOut = new double[width];
    perByteIn = new double[width];
    accessLinks();
  }

  /** Names, with the id where two devices have the same. */
  private static List<String> names(List<DeviceProfile> devices) {
    Map<String, Long> counts =
        devices.stream().collect(Collectors.groupingBy(DeviceProfile::name, Collectors.counting()));
    return devices.stream()
        .map(device ->
            counts.getOrDefault(device.name(), 1L) > 1
                ? "%s (%s)".formatted(device.name(), device.id())
                : device.name())
        .map(Fleet::oneLine)
        .toList();
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }

  private Fleet(Fleet all, int[] chosen) {
    devices = chosen.length;
    names = Arrays.stream(chosen).mapToObj(all.names::get).toList();
    slowness = Arrays.stream(chosen).mapToDouble(d -> all.slowness[d]).toArray();
    overhead = Arrays.stream(chosen).mapToDouble(d -> all.overhead[d]).toArray();
    memory = Arrays.stream(chosen).mapToLong(d -> all.memory[d]).toArray();
    int place = devices;
    for (int d = 0; d < devices; d++) {
      place = chosen[d] == all.requester ? d : place;
    }
    requester = place;
    int width = devices + 1;
    delay = new double[width * width];
    perByte = new double[width * width];
    perByteOut = new double[width];
    perByteIn = new double[width];
    for (int from = 0; from < width; from++) {
      int was = from == devices ? all.requester : chosen[from];
      perByteOut[from] = all.perByteOut[was];
      perByteIn[from] = all.perByteIn[was];
      for (int to = 0; to < width; to++) {
        int goal = to == devices ? all.requester : chosen[to];
        delay[at(from, to)] = all.delay[all.at(was, goal)];
        perByte[at(from, to)] = all.perByte[all.at(was, goal)];
      }
    }
  }

  /** The fleet of the chosen devices only, renumbered in that order. */
  Fleet only(int... chosen) {
    return new Fleet(this, chosen);
  }

  /** Rows by receiver, so that what reaches one device from all others lies together. */
  int at(int from, int to) {
    return to * (devices + 1) + from;
  }

  double transferMillis(long bytes, int from, int to) {
    return from == to ? 0 : delay[at(from, to)] + bytes * perByte[at(from, to)];
  }

  /** How long the transfer keeps the link busy: its delay does not. */
  double occupancyMillis(long bytes, int from, int to) {
    if (from == to) {
      return 0;
    }
    return delay[at(from, to)] == Instance.NEVER ? Instance.NEVER : bytes * perByte[at(from, to)];
  }

  /** What messages call a device, or the requester that is none. */
  String name(int device) {
    return device == devices ? "the requester" : names.get(device);
  }

  private void accessLinks() {
    Arrays.fill(perByteOut, Instance.NEVER);
    Arrays.fill(perByteIn, Instance.NEVER);
    for (int to = 0; to <= devices; to++) {
      for (int from = 0; from <= devices; from++) {
        if (delay[at(from, to)] < Instance.NEVER) {
          perByteOut[from] = Math.min(perByteOut[from], perByte[at(from, to)]);
          perByteIn[to] = Math.min(perByteIn[to], perByte[at(from, to)]);
        }
      }
    }
  }

  private static boolean usable(double value) {
    return value >= 0 && value < Instance.NEVER;
  }

  private static double number(double value, String device, String what) {
    if (!usable(value)) {
      throw new PlanException(
          "device %s: %s of %s is not usable; measure it again".formatted(device, what, value));
    }
    return value;
  }

  private PlanException unusable(int from, int to, LinkProfile link) {
    boolean slow = usable(link.latencyMillis());
    return new PlanException(
        "link from %s to %s: %s of %s is not usable; measure it again or leave the link out"
            .formatted(
                name(from),
                name(to),
                slow ? "bytes per second" : "latency",
                slow ? link.bytesPerSecond() : link.latencyMillis()));
  }
}
