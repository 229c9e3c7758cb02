package dev.skein.cost;

import java.util.Arrays;
import java.util.List;

/**
 * Costs of a chain of segments and of the cuts around them.
 *
 * @param cutBytes bytes of the values alive at each cut, one more than there are segments: first
 *     the model's inputs, last its outputs
 */
@SuppressWarnings("ArrayRecordComponent") // copied on the way in and out
public record ChainCosts(List<SegmentCost> segments, long[] cutBytes) {
  public ChainCosts {
    segments = List.copyOf(segments);
    cutBytes = cutBytes.clone();
    if (cutBytes.length != segments.size() + 1) {
      throw new IllegalArgumentException(
          "%d segments have %d cuts around them, not %d"
              .formatted(segments.size(), segments.size() + 1, cutBytes.length));
    }
  }

  @Override
  public long[] cutBytes() {
    return cutBytes.clone();
  }

  public long cutBytes(int position) {
    return cutBytes[position];
  }

  public long macs() {
    return segments.stream().mapToLong(SegmentCost::macs).sum();
  }

  public long weightBytes() {
    return segments.stream().mapToLong(SegmentCost::weightBytes).sum();
  }

  public double referenceMillis() {
    return segments.stream().mapToDouble(SegmentCost::referenceMillis).sum();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ChainCosts chain
        && segments.equals(chain.segments)
        && Arrays.equals(cutBytes, chain.cutBytes);
  }

  @Override
  public int hashCode() {
    return 31 * segments.hashCode() + Arrays.hashCode(cutBytes);
  }

  @Override
  public String toString() {
    return "ChainCosts[segments=" + segments + ", cutBytes=" + Arrays.toString(cutBytes) + "]";
  }
}
