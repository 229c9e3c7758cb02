package dev.skein.state;

import dev.skein.cost.DeviceProfile;
import dev.skein.cost.LinkProfile;
import dev.skein.plan.Swarm;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The swarm as one node sees it; immutable, changed only by {@link #apply}.
 *
 * @param devices by node id
 * @param links by origin and destination
 */
public record SwarmState(Map<String, DeviceState> devices, Map<Hop, LinkProfile> links) {
  public static final SwarmState EMPTY = new SwarmState(Map.of(), Map.of());

  /** Claims and measurements beyond these are clamped: no single report may wreck every plan. */
  private static final double LEAST_SLOWNESS = 1e-3;

  private static final double GREATEST_SLOWNESS = 1e5;
  private static final double GREATEST_LATENCY_MILLIS = 1e5;
  private static final double LEAST_BYTES_PER_SECOND = 1;
  private static final double GREATEST_BYTES_PER_SECOND = 1e12;

  /** Serialisation, queueing and hand-over that every stage costs beside its operators. */
  private static final double STAGE_OVERHEAD_MILLIS = 0.3;

  /** An ordered pair of nodes. */
  public record Hop(String from, String to) {}

  public SwarmState {
    devices = Collections.unmodifiableMap(new TreeMap<>(devices));
    links = Map.copyOf(links);
  }

  public SwarmState apply(SwarmEvent event) {
    Map<String, DeviceState> next = new TreeMap<>(devices);
    Map<Hop, LinkProfile> nextLinks = links;
    DeviceState known = devices.get(event.node());
    switch (event) {
      case SwarmEvent.Joined joined -> {
        if (known == null || !known.name().equals(joined.name())) {
          next.put(joined.node(), DeviceState.unknown(joined.name()));
        }
      }
      case SwarmEvent.Left left -> {
        next.remove(left.node());
        nextLinks = new HashMap<>(links);
        nextLinks
            .keySet()
            .removeIf(hop -> hop.from().equals(left.node()) || hop.to().equals(left.node()));
      }
      case SwarmEvent.LinkMeasured measured -> {
        if (known != null && devices.containsKey(measured.to())) {
          nextLinks = new HashMap<>(links);
          nextLinks.put(new Hop(measured.node(), measured.to()), clamp(measured.link()));
        }
      }
      case SwarmEvent.Suspected _ -> update(next, event.node(), known, true);
      case SwarmEvent.Trusted _ -> update(next, event.node(), known, false);
      case SwarmEvent.DeviceMeasured measured -> {
        if (known != null) {
          next.put(
              event.node(),
              known.measured(clamp(measured.slowness()), Math.max(0, measured.memoryBytes())));
        }
      }
      case SwarmEvent.StageMeasured stage -> {
        if (known != null && stage.referenceMillis() > 0) {
          double slowness = stage.measuredMillis() / stage.referenceMillis();
          next.put(event.node(), known.measured(clamp(slowness), known.memoryBytes()));
        }
      }
    }
    return new SwarmState(next, nextLinks);
  }

  /** Whether a node is here and answers, as far as is known. */
  public boolean trusts(String node) {
    DeviceState device = devices.get(node);
    return device != null && !device.suspected();
  }

  /**
   * What a planner needs, for requests made at {@code requester}, over the usable devices whose id
   * is {@code eligible}.
   */
  public Snapshot snapshot(String requester, Predicate<String> eligible) {
    List<String> ids = new ArrayList<>();
    List<DeviceProfile> profiles = new ArrayList<>();
    devices.forEach((id, device) -> {
      if (device.usable() && eligible.test(id)) {
        ids.add(id);
        profiles.add(
            new DeviceProfile(
                id, device.name(), device.slowness(), STAGE_OVERHEAD_MILLIS, device.memoryBytes()));
      }
    });
    int here = ids.contains(requester) ? ids.indexOf(requester) : ids.size();
    List<String> ends = new ArrayList<>(ids);
    ends.add(requester);
    @Nullable LinkProfile[][] matrix = new LinkProfile[ends.size()][ends.size()];
    for (int from = 0; from < ends.size(); from++) {
      for (int to = 0; to < ends.size(); to++) {
        matrix[from][to] = link(ends.get(from), ends.get(to));
      }
    }
    return new Snapshot(new Swarm(profiles, matrix, here), ids);
  }

  /** Links are taken as alike both ways where only one was measured. */
  private @Nullable LinkProfile link(String from, String to) {
    LinkProfile measured = links.get(new Hop(from, to));
    return measured != null ? measured : links.get(new Hop(to, from));
  }

  private static void update(
      Map<String, DeviceState> devices,
      String node,
      @Nullable DeviceState known,
      boolean suspected) {
    if (known != null) {
      devices.put(node, known.suspected(suspected));
    }
  }

  private static double clamp(double slowness) {
    return Double.isNaN(slowness)
        ? GREATEST_SLOWNESS
        : Math.clamp(slowness, LEAST_SLOWNESS, GREATEST_SLOWNESS);
  }

  private static LinkProfile clamp(LinkProfile link) {
    double latency = link.latencyMillis();
    double rate = link.bytesPerSecond();
    return new LinkProfile(
        Double.isNaN(latency)
            ? GREATEST_LATENCY_MILLIS
            : Math.clamp(latency, 0, GREATEST_LATENCY_MILLIS),
        Double.isNaN(rate)
            ? LEAST_BYTES_PER_SECOND
            : Math.clamp(rate, LEAST_BYTES_PER_SECOND, GREATEST_BYTES_PER_SECOND));
  }
}
