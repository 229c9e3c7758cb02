package dev.skein.plan;

import dev.skein.cost.ChainCosts;
import dev.skein.cost.DeviceProfile;
import dev.skein.cost.LinkProfile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was considered: each device alone, the best plan for each pair, and the choice among all.
 *
 * @param alone those devices that can hold the whole model, best first
 * @param pairs for each two devices of which both get work in their best plan, best first
 */
public record Candidates(
    Candidate chosen, List<Candidate> alone, List<Candidate> pairs, Goal goal) {
  public Candidates {
    alone = List.copyOf(alone);
    pairs = List.copyOf(pairs);
  }

  /**
   * @throws PlanException if no set of devices can hold the model
   */
  public static Candidates of(Planner planner, ChainCosts costs, Swarm swarm, Goal goal) {
    Candidate chosen = Candidate.of(planner.plan(costs, swarm, goal), costs, swarm);
    List<Candidate> alone = new ArrayList<>();
    List<Candidate> pairs = new ArrayList<>();
    int devices = swarm.devices().size();
    for (int first = 0; first < devices; first++) {
      best(planner, costs, swarm, goal, List.of(first)).ifPresent(alone::add);
      for (int second = first + 1; second < devices; second++) {
        best(planner, costs, swarm, goal, List.of(first, second))
            .filter(candidate -> candidate.plan().deviceCount() == 2)
            .ifPresent(pairs::add);
      }
    }
    Comparator<Candidate> better = Comparator.comparingDouble(one -> one.score(goal));
    alone.sort(better);
    pairs.sort(better);
    return new Candidates(chosen, alone, pairs, goal);
  }

  /** Why the choice is the choice, in one sentence. */
  public String reason() {
    if (alone.isEmpty()) {
      return "no device can hold the whole model, so it is split over " + names(chosen);
    }
    Candidate single = alone.getFirst();
    if (chosen.plan().deviceCount() > 1) {
      return String.format(
          Locale.ROOT,
          "split over %s: %s, against %s for the best device alone (%s)",
          names(chosen),
          figure(chosen),
          figure(single),
          names(single));
    }
    if (pairs.isEmpty()) {
      return names(chosen) + " alone: no split of the model over two devices is better";
    }
    Candidate split = pairs.getFirst();
    return String.format(
        Locale.ROOT,
        "%s alone: %s, against %s for the best split (%s), which moves %.0f kB a request",
        names(chosen),
        figure(chosen),
        figure(split),
        names(split),
        split.bytesMoved() / 1e3);
  }

  private String figure(Candidate candidate) {
    return switch (goal) {
      case LATENCY -> String.format(Locale.ROOT, "%.1f ms", candidate.plan().latencyMillis());
      case THROUGHPUT ->
          String.format(Locale.ROOT, "%.1f requests/s", candidate.plan().requestsPerSecond());
    };
  }

  private static String names(Candidate candidate) {
    return String.join(" > ", candidate.devices());
  }

  /** Nothing if the devices cannot hold the model. */
  private static Optional<Candidate> best(
      Planner planner, ChainCosts costs, Swarm swarm, Goal goal, List<Integer> among) {
    try {
      Swarm part = part(swarm, among);
      return Optional.of(Candidate.of(planner.plan(costs, part, goal), costs, part));
    } catch (PlanException e) {
      return Optional.empty();
    }
  }

  /** The swarm with only these devices to work; the requester stays who it is. */
  private static Swarm part(Swarm swarm, List<Integer> among) {
    List<DeviceProfile> devices = among.stream().map(swarm.devices()::get).toList();
    int requester = among.indexOf(swarm.requester());
    List<Integer> ends = new ArrayList<>(among);
    ends.add(swarm.requester());
    @Nullable LinkProfile[][] links = new @Nullable LinkProfile[ends.size()][ends.size()];
    for (int from = 0; from < ends.size(); from++) {
      for (int to = 0; to < ends.size(); to++) {
        links[from][to] = swarm.link(ends.get(from), ends.get(to));
      }
    }
    return new Swarm(devices, links, requester < 0 ? devices.size() : requester);
  }
}
