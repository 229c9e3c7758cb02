package dev.skein.node;

import dev.skein.wire.LinkMeasure;
import dev.skein.wire.PeerException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Measures the links from this node to each member in the background: a newcomer at once and again
 * when both have warmed up, everyone once a minute.
 */
final class LinkMonitor implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(LinkMonitor.class.getName());
  private static final Duration TICK = Duration.ofMillis(500);
  private static final Duration SECOND_LOOK = Duration.ofSeconds(3);
  private static final Duration REFRESH = Duration.ofSeconds(60);

  private final Supplier<Set<String>> others;
  private final Predicate<String> urgent;
  private final Function<String, LinkMeasure> probe;
  private final Map<String, Sample> samples = new ConcurrentHashMap<>();
  private final Thread thread;

  /**
   * The measures of one link, latest first.
   *
   * @param nanos when the latest was taken
   */
  private record Sample(List<LinkMeasure> measures, long nanos) {
    /** Disturbances only ever slow a measure down, so the best of the last few tells most. */
    private static final int KEPT = 3;

    boolean isOlderThan(Duration age) {
      return System.nanoTime() - nanos > age.toNanos();
    }

    boolean isFirst() {
      return measures.size() == 1;
    }

    LinkMeasure best() {
      return new LinkMeasure(
          measures.stream().mapToDouble(LinkMeasure::latencyMillis).min().orElseThrow(),
          measures.stream().mapToDouble(LinkMeasure::bytesPerSecond).max().orElseThrow());
    }

    static Sample after(@Nullable Sample former, LinkMeasure latest) {
      List<LinkMeasure> measures = new ArrayList<>(List.of(latest));
      if (former != null) {
        measures.addAll(former.measures);
      }
      return new Sample(
          List.copyOf(measures.subList(0, Math.min(KEPT, measures.size()))), System.nanoTime());
    }
  }

  /**
   * @param others ids of the members to measure
   * @param urgent whether a member is to be measured at each look, to see if it is back
   * @param probe measures the link to one; fails with {@link PeerException}
   */
  LinkMonitor(
      Supplier<Set<String>> others, Predicate<String> urgent, Function<String, LinkMeasure> probe) {
    this.others = others;
    this.urgent = urgent;
    this.probe = probe;
    this.thread = Thread.ofVirtual().name("link-monitor").start(this::run);
  }

  Map<String, LinkMeasure> measures() {
    Map<String, LinkMeasure> measures = new TreeMap<>();
    samples.forEach((node, sample) -> measures.put(node, sample.best()));
    return measures;
  }

  /** Measures now what has not been measured for {@code age}. */
  void refresh(Duration age) {
    measure(sample -> sample.isOlderThan(age));
  }

  private synchronized void measure(Predicate<Sample> isDue) {
    Set<String> present = others.get();
    samples.keySet().retainAll(present);
    for (String node : present) {
      Sample sample = samples.get(node);
      if (sample == null || isDue.test(sample) || urgent.test(node)) {
        try {
          samples.put(node, Sample.after(sample, probe.apply(node)));
        } catch (PeerException | NodeException e) {
          // Unreachable for now: it stays as it was, or leaves the view.
        }
      }
    }
  }

  /** Whatever goes wrong with one look, there will be another. */
  private void look() {
    try {
      measure(sample -> sample.isOlderThan(sample.isFirst() ? SECOND_LOOK : REFRESH));
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "links could not be measured", e);
    }
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        look();
        Thread.sleep(TICK);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
