package dev.skein.wire;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.skein.wire.proto.Messages;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Reads {@code Piece} messages. Chunks, which are nearly all of the bytes, are read into buffers
 * that are used again: made anew for each, they would fill a small heap faster than it is swept.
 */
final class InboundMarshaller implements Marshaller<Inbound> {
  /** Field number of a chunk in a piece, and the wire type of bytes. */
  private static final int CHUNK_TAG = Messages.Piece.CHUNK_FIELD_NUMBER << 3 | 2;

  private static final int VARINT_BYTES = 3;
  private static final int SPARE_BUFFERS = 16;

  private final BlockingQueue<ByteBuffer> spare = new ArrayBlockingQueue<>(SPARE_BUFFERS);

  @Override
  public InputStream stream(Inbound piece) {
    throw new UnsupportedOperationException("nodes only receive these");
  }

  @Override
  public Inbound parse(InputStream in) {
    try {
      int tag = in.read();
      if (tag == CHUNK_TAG) {
        return chunk(in);
      }
      InputStream rest =
          tag < 0
              ? in
              : new SequenceInputStream(new ByteArrayInputStream(new byte[] {(byte) tag}), in);
      Messages.Piece piece = Messages.Piece.parseFrom(rest);
      return piece.hasHead()
          ? new Inbound.Head(piece.getHead())
          : new Inbound.Garbage("a piece that is neither head nor chunk");
    } catch (InvalidProtocolBufferException e) {
      return new Inbound.Garbage(GarbageFilter.NO_MESSAGE);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private Inbound chunk(InputStream in) throws IOException {
    int length = 0;
    int next = 0x80;
    for (int i = 0; i < VARINT_BYTES && next >= 0x80; i++) {
      next = in.read();
      length |= (next & 0x7f) << (7 * i);
    }
    if (next < 0 || next >= 0x80 || length < 1 || length > WireLimits.CHUNK_BYTES) {
      return new Inbound.Garbage("a chunk that is not of 1.." + WireLimits.CHUNK_BYTES + " bytes");
    }
    ByteBuffer buffer = spare.poll();
    if (buffer == null) {
      buffer = ByteBuffer.allocate(WireLimits.CHUNK_BYTES);
    }
    if (in.readNBytes(buffer.array(), 0, length) < length || in.read() >= 0) {
      return new Inbound.Garbage("a chunk that is not as long as it says");
    }
    return new Inbound.Chunk(buffer.clear().limit(length));
  }

  /** Takes back a chunk's buffer. */
  void recycle(Inbound.Chunk chunk) {
    boolean _ = spare.offer(chunk.bytes());
  }
}
