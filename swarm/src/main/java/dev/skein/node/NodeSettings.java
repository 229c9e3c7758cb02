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
   * @param storeBytes disk that fetched weights may take
   */
  public record Traits(Capacity capacity, Link link, Role role, long storeBytes) {
    /**
     * @param computes whether the node takes work from others
     */
    public Traits(Capacity capacity, Link link, boolean computes, long storeBytes) {
      this(capacity, link, computes ? Role.WORKER : Role.ASKER, storeBytes);
    }
  }

  /** Whose work a node does. */
  public enum Role {
    WORKER,
    /** Its own only: a command that soon ends is no help to others. */
    OWN_WORK,
    /** Nobody's. */
    ASKER
  }
}
