package dev.skein.plan;

/** What a plan is to be best at. */
public enum Goal {
  /** Least time from a request to its answer, one request at a time. */
  LATENCY,
  /** Most answers per second with requests in flight back to back: the least bottleneck. */
  THROUGHPUT
}
