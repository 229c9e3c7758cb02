package dev.skein.wire;

/**
 * Bounds on what a node takes from the wire.
 *
 * @param frameBytes tensors of one frame
 * @param assemblyBytes tensors of all frames together that are arriving or wait to be accepted
 */
public record WireLimits(long frameBytes, long assemblyBytes) {
  static final int CHUNK_BYTES = 64 << 10;
  static final int PING_BYTES = 1 << 20;
  static final int MESSAGE_BYTES = 4 << 20;
  static final int REPLY_BYTES = 1 << 20;
  static final int NAME_CHARS = 512;
  static final int TENSORS = 64;
  static final int RANK = 32;
  static final int STAGES = 256;
  static final int LINKS = 4096;

  /** Frames that a sender may have under way before the first of them is acknowledged. */
  static final int UNACKNOWLEDGED = 2;

  public WireLimits {
    if (frameBytes < 1 || assemblyBytes < frameBytes) {
      throw new IllegalArgumentException(
          "limits of %d bytes a frame and %d in all: the second must not be below the first"
              .formatted(frameBytes, assemblyBytes));
    }
  }

  /** 512 MiB a frame, twice that in all. */
  public static WireLimits defaults() {
    return new WireLimits(512L << 20, 1024L << 20);
  }
}
