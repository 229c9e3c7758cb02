package dev.skein.store;

import java.lang.foreign.MemorySegment;
import java.util.Map;

/**
 * Blobs at hand.
 *
 * @param blobs content by address, memory-mapped
 * @param bytesFetched that had to come over the network
 */
public record Fetched(Map<String, MemorySegment> blobs, long bytesFetched) {
  public Fetched {
    blobs = Map.copyOf(blobs);
  }
}
