package dev.skein.slice;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** How much each piece gets. */
public final class Shares {
  private Shares() {}

  /**
   * Sizes that differ by at most one, the greater ones first.
   *
   * @throws IllegalArgumentException if there are not enough units for so many pieces, or no piece
   */
  public static long[] equal(long units, int pieces) {
    double[] shares = new double[Math.max(pieces, 0)];
    Arrays.fill(shares, 1);
    return proportional(units, shares);
  }

  /**
   * Sizes proportional to the shares, each at least 1, by largest remainder: for pieces that go to
   * devices of different speed (CoEdge).
   *
   * @param shares positive, in any unit
   * @throws IllegalArgumentException if a share is not positive, or there are more of them than
   *     units
   */
  public static long[] proportional(long units, double... shares) {
    double sum = Arrays.stream(shares).sum();
    if (shares.length < 1 || shares.length > units) {
      throw new IllegalArgumentException(
          "%d units cannot be cut into %d pieces".formatted(units, shares.length));
    }
    if (Arrays.stream(shares).anyMatch(share -> !(share > 0)) || !Double.isFinite(sum)) {
      throw new IllegalArgumentException(
          "shares " + Arrays.toString(shares) + " are not all positive and finite");
    }
    long spare = units - shares.length;
    long[] sizes = new long[shares.length];
    double[] rest = new double[shares.length];
    List<Integer> order = new ArrayList<>();
    long left = units;
    for (int i = 0; i < shares.length; i++) {
      // One unit for each is set aside in proportion too, so that equal shares stay equal.
      double exact = Math.max(0, units * (shares[i] / sum) - 1);
      long whole = Math.min(spare, (long) exact);
      spare -= whole;
      sizes[i] = 1 + whole;
      rest[i] = exact - whole;
      left -= sizes[i];
      order.add(i);
    }
    order.sort(Comparator.comparingDouble(i -> -rest[i]));
    for (int i = 0; left > 0; i = (i + 1) % sizes.length) {
      sizes[order.get(i)]++;
      left--;
    }
    return sizes;
  }

  /** Where each piece begins, and in the end where the last one stops. */
  static long[] bounds(long[] sizes) {
    long[] bounds = new long[sizes.length + 1];
    for (int i = 0; i < sizes.length; i++) {
      bounds[i + 1] = Math.addExact(bounds[i], sizes[i]);
    }
    return bounds;
  }

  /**
   * @throws IllegalArgumentException if the sizes are not positive or do not add up
   */
  static void require(long units, long[] sizes) {
    long sum = 0;
    for (long size : sizes) {
      sum = size < 1 ? Long.MIN_VALUE : sum + size;
      if (sum < 0 || sum > units) {
        break;
      }
    }
    if (sum != units) {
      throw new IllegalArgumentException(
          "sizes %s are not positive or do not add up to %d"
              .formatted(Arrays.toString(sizes), units));
    }
  }
}
