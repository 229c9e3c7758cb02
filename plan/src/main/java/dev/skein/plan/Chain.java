package dev.skein.plan;

import dev.skein.cost.ChainCosts;
import dev.skein.cost.SegmentCost;
import java.util.stream.IntStream;

/** A chain's costs as checked, flat arrays. */
final class Chain {
  private static final int MAX_SEGMENTS = 1 << 14;
  private static final long MAX_BYTES = 1L << 44;

  final int segments;

  /** Reference milliseconds and weight bytes of all segments before each position. */
  final double[] millis;

  final long[] weights;

  final long[] activations;
  final long[] cutBytes;

  /** {@code peaks[k][s]}: most activation bytes of the 2^k segments from s on. */
  private final long[][] peaks;

  Chain(ChainCosts costs) {
    segments = costs.segments().size();
    if (segments == 0 || segments > MAX_SEGMENTS) {
      throw new PlanException(
          "a chain of %d segments cannot be planned: give 1 to %d"
              .formatted(segments, MAX_SEGMENTS));
    }
    millis = new double[segments + 1];
    weights = new long[segments + 1];
    activations = new long[segments];
    for (int s = 0; s < segments; s++) {
      SegmentCost cost = costs.segments().get(s);
      double time = cost.referenceMillis();
      if (!(time >= 0 && time < Instance.NEVER)) {
        throw new PlanException(
            "segment %d: reference time of %s ms is not a time; profile the model again"
                .formatted(s, time));
      }
      millis[s + 1] = millis[s] + time;
      weights[s + 1] = weights[s] + bytes(cost.weightBytes(), "segment " + s, "weights");
      activations[s] = bytes(cost.activationBytes(), "segment " + s, "activations");
    }
    cutBytes = costs.cutBytes();
    for (int p = 0; p <= segments; p++) {
      bytes(cutBytes[p], "cut " + p, "values");
    }
    peaks = peaks(activations);
  }

  private Chain(Chain fine, int[] cuts) {
    segments = cuts.length - 1;
    millis = new double[segments + 1];
    weights = new long[segments + 1];
    activations = new long[segments];
    cutBytes = new long[segments + 1];
    for (int p = 0; p <= segments; p++) {
      millis[p] = fine.millis[cuts[p]];
      weights[p] = fine.weights[cuts[p]];
      cutBytes[p] = fine.cutBytes[cuts[p]];
      if (p < segments) {
        activations[p] = fine.peak(cuts[p], cuts[p + 1]);
      }
    }
    peaks = peaks(activations);
  }

  /** A chain of fewer segments: of every {@code group} neighbouring cuts, the narrowest stays. */
  Chain coarse(int group) {
    IntStream.Builder cuts = IntStream.builder().add(0);
    for (int p = 1; p < segments; p += group) {
      int narrowest = p;
      for (int q = p + 1; q < Math.min(p + group, segments); q++) {
        narrowest = cutBytes[q] < cutBytes[narrowest] ? q : narrowest;
      }
      cuts.add(narrowest);
    }
    return new Chain(this, cuts.add(segments).build().toArray());
  }

  private static long bytes(long value, String where, String what) {
    if (value < 0 || value > MAX_BYTES) {
      throw new PlanException(
          "%s: %d bytes of %s is not a size; cost the model again".formatted(where, value, what));
    }
    return value;
  }

  private static long[][] peaks(long[] activations) {
    int levels = 32 - Integer.numberOfLeadingZeros(activations.length);
    long[][] peaks = new long[levels][];
    peaks[0] = activations;
    for (int k = 1; k < levels; k++) {
      int half = 1 << (k - 1);
      peaks[k] = new long[activations.length - (1 << k) + 1];
      for (int s = 0; s < peaks[k].length; s++) {
        peaks[k][s] = Math.max(peaks[k - 1][s], peaks[k - 1][s + half]);
      }
    }
    return peaks;
  }

  /** Bytes a device needs to run the segments of [from, to) as one stage; at least one. */
  long stageBytes(int from, int to) {
    return Math.max(1, weights[to] - weights[from] + peak(from, to));
  }

  private long peak(int from, int to) {
    int k = 31 - Integer.numberOfLeadingZeros(to - from);
    return Math.max(peaks[k][from], peaks[k][to - (1 << k)]);
  }

  long weightsFrom(int position) {
    return weights[segments] - weights[position];
  }

  double totalMillis() {
    return millis[segments];
  }
}
