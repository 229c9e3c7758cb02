package dev.skein.wire;

import java.util.List;
import java.util.Map;

/**
 * What a node says about itself.
 *
 * @param referenceMillis calibration, emulated slowness included
 * @param links what it measured to other nodes, by node id
 */
public record DeviceReport(
    String node,
    double referenceMillis,
    long memoryFreeBytes,
    Map<String, LinkMeasure> links,
    List<String> deployments) {
  public DeviceReport {
    links = Map.copyOf(links);
    deployments = List.copyOf(deployments);
  }
}
