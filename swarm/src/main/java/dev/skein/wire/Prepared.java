package dev.skein.wire;

/**
 * What getting ready took.
 *
 * @param runMillis of one request with the sample's shapes, measured
 * @param weightBytes that the stage holds
 * @param fetchedBytes that had to come from peers first
 */
public record Prepared(double loadMillis, double runMillis, long weightBytes, long fetchedBytes) {}
