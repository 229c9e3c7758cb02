package dev.skein.elastic;

/** How much of a matrix to keep. */
public sealed interface Rank {
  /**
   * The least rank that keeps this share of the weights' sum of squares.
   *
   * @param share above 0, at most 1
   */
  record Energy(double share) implements Rank {
    public Energy {
      require(share);
    }
  }

  /**
   * This share of the full rank, rounded, at least 1.
   *
   * @param share above 0, at most 1
   */
  record Portion(double share) implements Rank {
    public Portion {
      require(share);
    }
  }

  private static void require(double share) {
    if (!(share > 0) || share > 1) {
      throw new IllegalArgumentException(
          "share " + share + " of a rank is not above 0 and at most 1");
    }
  }
}
