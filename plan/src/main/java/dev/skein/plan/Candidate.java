package dev.skein.plan;

import java.util.Map;

/**
 * A plan worth showing.
 *
 * @param label for people: "pi-2 alone", "best with 3 devices"
 * @param bytesMoved over links for each request, the request and its answer included
 * @param memoryBytes needed by device index, of those at work
 */
public record Candidate(
    String label, Plan plan, long bytesMoved, Map<Integer, Long> memoryBytes, boolean chosen) {
  public Candidate {
    memoryBytes = Map.copyOf(memoryBytes);
  }
}
