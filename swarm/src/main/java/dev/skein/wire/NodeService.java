package dev.skein.wire;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What a node does for its peers. Methods may block, each runs on a virtual thread of its own. The
 * message of whatever they throw goes back to the caller as one line; a {@link WireException} is an
 * expected refusal, anything else is also logged.
 */
public interface NodeService {
  DeviceReport describe();

  Prepared prepare(PrepareRequest request);

  void release(String deployment);

  /**
   * Takes a frame; blocks while the stage's queue is full. The sender counts the frame as delivered
   * when this returns; it may send the same frame again if it does not hear so in time.
   */
  void accept(Frame frame);

  /** The whole content, or null if this node does not hold it. */
  @Nullable MemorySegment blob(String sha256);
}
