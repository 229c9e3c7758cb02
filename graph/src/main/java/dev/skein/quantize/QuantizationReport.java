package dev.skein.quantize;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a quantisation did with each node, and why. */
public record QuantizationReport(List<Entry> entries) {
  /**
   * @param node its operator and name, as messages call it
   * @param reason why it stays as it is; empty if it is quantised
   */
  public record Entry(String node, String op, String reason) {
    public boolean quantised() {
      return reason.isEmpty();
    }
  }

  public QuantizationReport {
    entries = List.copyOf(entries);
  }

  public long quantised() {
    return entries.stream().filter(Entry::quantised).count();
  }

  /** Nodes that stay as they are, counted by reason, most frequent first. */
  public Map<String, Long> reasons() {
    Map<String, Long> counts = new LinkedHashMap<>();
    entries.stream()
        .filter(entry -> !entry.quantised())
        .forEach(entry -> counts.merge(entry.reason(), 1L, Long::sum));
    Map<String, Long> sorted = new LinkedHashMap<>();
    counts.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
    return sorted;
  }
}
