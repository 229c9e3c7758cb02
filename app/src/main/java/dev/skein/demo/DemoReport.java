package dev.skein.demo;

import java.util.List;

/**
 * What the demonstration saw; its JSON form is what {@code skein demo --json} prints.
 *
 * @param ok whether no request was lost and no result was wrong
 */
public record DemoReport(
    String model, List<Device> devices, List<Run> runs, List<Fault> faults, boolean ok) {

  public record Device(String name, String cpu, String memory, String link) {}

  /**
   * @param mode local (one device alone) or pipeline
   * @param bytesMoved between devices for one request, on average
   * @param maxDiff greatest difference from the plain result, relative to its range
   */
  public record Run(
      String mode,
      List<String> devices,
      double latencyMsP50,
      double latencyMsP95,
      double throughputPerS,
      long bytesMoved,
      String answer,
      double maxDiff) {}

  /**
   * @param recoveryMs from the fault to the first answer by the new plan
   */
  public record Fault(
      String kind,
      String device,
      long requests,
      long lostRequests,
      long wrongResults,
      double recoveryMs) {}
}
