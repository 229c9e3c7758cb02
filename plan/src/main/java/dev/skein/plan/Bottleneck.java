package dev.skein.plan;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How long the busiest part of the swarm works on one request. Parts are each device, each directed
 * link between two, and each device's access to the network, sending and receiving apart (full
 * duplex). A link's delay keeps nobody busy. The rate of an access is taken to be that of the best
 * link over it.
 */
final class Bottleneck {
  private record Link(int from, int to) {}

  private final Instance instance;
  private final Map<Integer, Double> computing = new HashMap<>();
  private final Map<Link, Double> links = new HashMap<>();
  private final Map<Integer, Long> sent = new HashMap<>();
  private final Map<Integer, Long> received = new HashMap<>();

  private Bottleneck(Instance instance) {
    this.instance = instance;
  }

  static double of(Instance instance, List<Stage> stages) {
    Bottleneck bottleneck = new Bottleneck(instance);
    int at = instance.fleet().requester;
    for (Stage stage : stages) {
      bottleneck.move(stage.from(), at, stage.device());
      double time = instance.stageMillis(stage.device(), stage.from(), stage.to());
      bottleneck.computing.merge(stage.device(), time, Double::sum);
      at = stage.device();
    }
    bottleneck.move(instance.segments(), at, instance.fleet().requester);
    return bottleneck.most();
  }

  private void move(int cut, int from, int to) {
    double occupancy = instance.occupancyMillis(cut, from, to);
    links.merge(new Link(from, to), occupancy, Double::sum);
    if (from != to && occupancy < Instance.NEVER) {
      long bytes = instance.chain().cutBytes[cut];
      sent.merge(from, bytes, Long::sum);
      received.merge(to, bytes, Long::sum);
    }
  }

  private double most() {
    double most = 0;
    for (double time : computing.values()) {
      most = Math.max(most, time);
    }
    for (double time : links.values()) {
      most = Math.max(most, time);
    }
    for (Map.Entry<Integer, Long> access : sent.entrySet()) {
      most = Math.max(most, access.getValue() * instance.fleet().perByteOut[access.getKey()]);
    }
    for (Map.Entry<Integer, Long> access : received.entrySet()) {
      most = Math.max(most, access.getValue() * instance.fleet().perByteIn[access.getKey()]);
    }
    return most;
  }
}
