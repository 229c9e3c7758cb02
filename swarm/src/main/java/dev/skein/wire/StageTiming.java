package dev.skein.wire;

/**
 * What one stage spent on one request.
 *
 * @param queueMillis waited before the stage began
 * @param bytesSent on to the next stage or the requester
 */
public record StageTiming(String node, double queueMillis, double computeMillis, long bytesSent) {}
