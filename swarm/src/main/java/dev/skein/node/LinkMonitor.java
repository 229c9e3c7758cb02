package dev.skein.node;

import dev.skein.wire.LinkMeasure;
import dev.skein.wire.PeerException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Measures the links from this node to each member in the background: a newcomer at once, everyone
 * again once a minute.
 */
final class LinkMonitor implements AutoCloseable {
  private static final Duration TICK = Duration.ofMillis(500);
  private static final Duration REFRESH = Duration.ofSeconds(60);

  private final Supplier<Set<String>> others;
  private final Function<String, LinkMeasure> probe;
  private final Map<String, Sample> samples = new ConcurrentHashMap<>();
  private final Thread thread;

  private record Sample(LinkMeasure measure, long nanos) {}

  /**
   * @param others ids of the members to measure
   * @param probe measures the link to one; fails with {@link PeerException}
   */
  LinkMonitor(Supplier<Set<String>> others, Function<String, LinkMeasure> probe) {
    this.others = others;
    this.probe = probe;
    this.thread = Thread.ofVirtual().name("link-monitor").start(this::run);
  }

  Map<String, LinkMeasure> measures() {
    Map<String, LinkMeasure> measures = new TreeMap<>();
    samples.forEach((node, sample) -> measures.put(node, sample.measure()));
    return measures;
  }

  /** Measures now what has not been measured yet. */
  synchronized void complete() {
    Set<String> present = others.get();
    samples.keySet().retainAll(present);
    long now = System.nanoTime();
    for (String node : present) {
      Sample sample = samples.get(node);
      if (sample == null || now - sample.nanos() > REFRESH.toNanos()) {
        try {
          samples.put(node, new Sample(probe.apply(node), now));
        } catch (PeerException | NodeException e) {
          // Unreachable for now: it stays unmeasured, or leaves the view.
        }
      }
    }
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        complete();
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
