package dev.skein.wire;

import dev.skein.wire.proto.Messages;
import java.nio.ByteBuffer;

/** A piece of a frame as it arrives. */
sealed interface Inbound {
  record Head(Messages.FrameHead head) implements Inbound {}

  /** Bytes in a heap buffer that goes back to its pool when they are dealt with. */
  record Chunk(ByteBuffer bytes) implements Inbound {}

  /** Bytes that are no piece. */
  record Garbage(String why) implements Inbound {}
}
