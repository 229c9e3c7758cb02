package dev.skein.wire;

import dev.skein.graph.Segment;

/** Which node runs a segment, and where it listens. */
public record Route(String node, Endpoint endpoint, Segment segment) {}
