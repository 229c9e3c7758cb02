package dev.skein.plan;

/**
 * A relaxation solved under prices on what is scarce.
 *
 * @param perByte price of a byte of memory, by device
 * @param perEntry price of a stage, by device
 * @param offset what all capacity is worth: cost under prices less this bounds the true cost
 */
@SuppressWarnings("ArrayRecordComponent") // internal, never written after
record Prices(
    Relaxation relaxation,
    double[] perByte,
    double[] perEntry,
    double offset,
    double perStage,
    boolean once) {
  double of(int device, long use) {
    return once ? perEntry[device] : perByte[device] * use;
  }

  /** The lower bound on any plan. */
  double bound() {
    return relaxation.cost() - offset;
  }
}
