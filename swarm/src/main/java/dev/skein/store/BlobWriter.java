package dev.skein.store;

import dev.skein.wire.BlobRef;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/** Writes one blob from its beginning, or from where an earlier writer stopped; for one thread. */
public final class BlobWriter implements AutoCloseable {
  private static final int REREAD_BYTES = 256 << 10;
  private static final long STEP = 16L << 20;

  private final BlobStore store;
  private final BlobFiles files;
  private final BlobRef ref;
  private final FileChannel channel;
  private MessageDigest digest = Digests.start();
  private long offset;
  private boolean closed;

  BlobWriter(BlobStore store, BlobFiles files, BlobRef ref) throws IOException {
    this.store = store;
    this.files = files;
    this.ref = ref;
    Path part = files.partial(ref.sha256());
    Files.createDirectories(part.getParent());
    this.channel =
        FileChannel.open(
            part, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      resume();
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private void resume() throws IOException {
    if (channel.size() > ref.bytes()) {
      channel.truncate(0);
    }
    ByteBuffer buffer = ByteBuffer.allocate(REREAD_BYTES);
    while (channel.read(buffer.clear()) >= 0) {
      digest.update(buffer.flip());
    }
    offset = channel.position();
  }

  /** How much is there already. */
  public long offset() {
    return offset;
  }

  /**
   * @throws StoreException if the disk is full, or this is more than the blob has
   */
  public void append(ByteBuffer bytes) {
    if (bytes.remaining() > ref.bytes() - offset) {
      throw new CorruptBlobException("blob " + ref + " got more bytes than it has");
    }
    try {
      offset += bytes.remaining();
      digest.update(bytes.duplicate());
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw broken(e);
    }
  }

  void append(MemorySegment content) {
    for (long at = 0; at < content.byteSize(); at += STEP) {
      append(content.asSlice(at, Math.min(STEP, content.byteSize() - at)).asByteBuffer());
    }
  }

  /** Throws away what is there. */
  public void restart() {
    try {
      channel.truncate(0);
      digest = Digests.start();
      offset = 0;
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /**
   * Verifies the content, makes it visible and returns it.
   *
   * @throws StoreException if bytes are missing, or what is there is not the content asked for;
   *     then it is thrown away
   */
  public MemorySegment finish() {
    if (offset < ref.bytes()) {
      throw new StoreException(
          "blob %s is incomplete: only %d bytes are there".formatted(ref, offset));
    }
    String got = Digests.hex(digest);
    if (!got.equals(ref.sha256())) {
      restart();
      throw new CorruptBlobException("content of blob " + ref + " has the address " + got);
    }
    try {
      channel.force(false);
      files.publish(ref.sha256());
      MemorySegment content = files.map(ref.sha256());
      end(ref.bytes(), true);
      return content;
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /** Keeps what is there for a later writer, unless the blob was finished. */
  @Override
  public void close() {
    try {
      if (!closed && offset == 0) {
        Files.deleteIfExists(files.partial(ref.sha256()));
      }
    } catch (IOException e) {
      // An empty file is left behind; it does no harm.
    }
    end(offset, false);
  }

  private void end(long bytes, boolean whole) {
    if (closed) {
      return;
    }
    closed = true;
    try {
      channel.close();
    } catch (IOException e) {
      // Its content was forced to disk, or is checked when it is read again.
    }
    store.finished(ref, bytes, whole);
  }

  /** After a failed write the file's length is unknown, so the next writer starts from it. */
  private StoreException broken(IOException failure) {
    StoreException told = store.failed(ref, failure);
    close();
    return told;
  }
}
