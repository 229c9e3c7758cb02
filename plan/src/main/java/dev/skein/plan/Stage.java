package dev.skein.plan;

/**
 * Neighbouring segments that one device runs in one go.
 *
 * @param device index in {@link Swarm#devices()}
 * @param from first segment
 * @param to segment after the last
 */
public record Stage(int device, int from, int to) {}
