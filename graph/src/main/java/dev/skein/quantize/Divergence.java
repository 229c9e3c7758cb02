package dev.skein.quantize;

import java.util.Arrays;

/**
 * Where to cut a histogram off so that 8 bits tell most about it.
 *
 * <p>For a threshold of i bins, P is the histogram up to i with everything beyond added to its last
 * bin; Q is the histogram up to i, its bins merged to as many as there are levels and spread out
 * again evenly over those bins that were not empty. The threshold with the least Kullback–Leibler
 * divergence Σ P log(P / Q) wins. Source: S. Migacz, "8-bit inference with TensorRT", GTC 2017.
 * Bins that are empty in Q alone get a small share, as in MXNet.
 */
final class Divergence {
  private static final int LEVELS = 256;

  /** Thresholds tried; TensorRT tries 2048 bins one by one. */
  private static final int TRIES = 256;

  private static final double SMALL = 1e-4;

  private Divergence() {}

  /**
   * @param bins by distance from zero
   * @param signed whether half of the levels stand for negative numbers
   * @return bins to keep
   */
  static int bestThreshold(long[] bins, boolean signed) {
    int levels = signed ? LEVELS / 2 : LEVELS;
    int used = bins.length;
    while (used > 0 && bins[used - 1] == 0) {
      used--;
    }
    if (used <= levels) {
      return used;
    }
    // The first bin holds exact zeros too (padding, Relu), which every scale hits: they must not
    // decide.
    long[] counts = Arrays.copyOf(bins, used);
    counts[0] = counts[1];
    int step = Math.max(1, (used - levels) / TRIES);
    int best = used;
    double least = Double.POSITIVE_INFINITY;
    for (int threshold = used; threshold >= levels; threshold -= step) {
      double divergence = divergence(counts, threshold, levels);
      if (divergence < least) {
        least = divergence;
        best = threshold;
      }
    }
    return best;
  }

  private static double divergence(long[] bins, int threshold, int levels) {
    double[] p = new double[threshold];
    double[] q = new double[threshold];
    for (int i = 0; i < bins.length; i++) {
      p[Math.min(i, threshold - 1)] += bins[i];
    }
    for (int level = 0; level < levels; level++) {
      int from = (int) ((long) level * threshold / levels);
      int to = (int) ((long) (level + 1) * threshold / levels);
      long sum = 0;
      int filled = 0;
      for (int i = from; i < to; i++) {
        sum += bins[i];
        filled += p[i] > 0 ? 1 : 0;
      }
      for (int i = from; i < to; i++) {
        q[i] = p[i] > 0 ? (double) sum / filled : 0;
      }
    }
    return divergence(p, q);
  }

  private static double divergence(double[] p, double[] q) {
    double sumP = Arrays.stream(p).sum();
    double sumQ = Arrays.stream(q).sum();
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      if (p[i] > 0) {
        double share = p[i] / sumP;
        sum += share * Math.log(share / Math.max(q[i] / sumQ, SMALL / p.length));
      }
    }
    return sum;
  }
}
