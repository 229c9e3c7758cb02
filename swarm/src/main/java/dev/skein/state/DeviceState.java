package dev.skein.state;

/**
 * What is known of one member.
 *
 * @param slowness 0 until measured
 */
public record DeviceState(String name, boolean suspected, double slowness, long memoryBytes) {
  static DeviceState unknown(String name) {
    return new DeviceState(name, false, 0, 0);
  }

  DeviceState suspected(boolean now) {
    return new DeviceState(name, now, slowness, memoryBytes);
  }

  DeviceState measured(double newSlowness, long newMemoryBytes) {
    return new DeviceState(name, suspected, newSlowness, newMemoryBytes);
  }

  /** Whether work may be planned for it. */
  public boolean usable() {
    return !suspected && slowness > 0;
  }
}
