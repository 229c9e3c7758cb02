package dev.skein.wire;

/**
 * A link as measured from one of its ends.
 *
 * @param latencyMillis one way
 */
public record LinkMeasure(double latencyMillis, double bytesPerSecond) {}
