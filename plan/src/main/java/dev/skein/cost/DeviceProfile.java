package dev.skein.cost;

/**
 * What a planner knows of one device.
 *
 * @param slowness milliseconds this device takes for a millisecond of the reference device
 * @param overheadMillis fixed time for each stage it runs
 * @param memoryBytes what it offers for weights and activations
 */
public record DeviceProfile(
    String id, String name, double slowness, double overheadMillis, long memoryBytes) {}
