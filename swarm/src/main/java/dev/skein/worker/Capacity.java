package dev.skein.worker;

/**
 * How strong this device is, or pretends to be.
 *
 * @param threads threads of one inference; 1 whenever the device is emulated
 * @param slowdown factor on the CPU time of each piece of work; 1 = none
 * @param cpuShare share of one core that a kernel quota leaves us; 1 = no quota
 * @param modelBytes memory for weights and activations of all loaded segments together
 */
public record Capacity(int threads, double slowdown, double cpuShare, long modelBytes) {
  public Capacity {
    if (!(slowdown >= 1 && slowdown <= 10_000)) {
      throw new IllegalArgumentException(
          "slowdown "
              + slowdown
              + " is not between 1 and 10000; 12 makes a device 12 times slower");
    }
    if (!(cpuShare > 0 && cpuShare <= 1)) {
      throw new IllegalArgumentException(
          "cpu share " + cpuShare + " is not above 0 and at most 1; 0.25 is a quarter of a core");
    }
  }
}
