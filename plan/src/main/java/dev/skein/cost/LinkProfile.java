package dev.skein.cost;

/**
 * One direction between two devices.
 *
 * @param latencyMillis one way, paid once for each transfer
 * @param bytesPerSecond how fast the bytes follow
 */
public record LinkProfile(double latencyMillis, double bytesPerSecond) {}
