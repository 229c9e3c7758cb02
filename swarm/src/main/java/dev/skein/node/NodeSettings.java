package dev.skein.node;

import dev.skein.member.MemberOptions;
import dev.skein.wire.Link;
import dev.skein.worker.Capacity;
import java.nio.file.Path;

/**
 * How a node is to run.
 *
 * @param home where its id and its fetched weights are kept
 */
public record NodeSettings(String name, Path home, MemberOptions membership, Traits traits) {

  /**
   * What the device is like, or pretends to be like.
   *
   * @param computes false for a node that only asks: it is given no work
   * @param storeBytes disk that fetched weights may take
   */
  public record Traits(Capacity capacity, Link link, boolean computes, long storeBytes) {}
}
