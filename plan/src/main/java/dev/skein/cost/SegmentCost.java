package dev.skein.cost;

/**
 * What running one segment takes.
 *
 * @param macs multiply-accumulate operations
 * @param weightBytes bytes of the constants the segment needs, also of those it shares with others
 * @param activationBytes most bytes of inputs, outputs and intermediate values alive at one time
 * @param referenceMillis compute time on the reference device
 */
public record SegmentCost(
    long macs, long weightBytes, long activationBytes, double referenceMillis) {}
