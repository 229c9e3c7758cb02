package dev.skein.wire;

import dev.skein.wire.proto.Messages;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.nio.ByteBuffer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A blob's bytes as they arrive from a peer; for one thread. Close it when done or given up. */
public final class BlobStream implements AutoCloseable {
  private final BlockingClientCall<?, Messages.BlobPiece> call;
  private final Function<StatusException, PeerException> failures;
  private Messages.@Nullable BlobPiece first;
  private final long total;

  BlobStream(
      BlockingClientCall<?, Messages.BlobPiece> call,
      Function<StatusException, PeerException> failures) {
    this.call = call;
    this.failures = failures;
    this.first = read();
    this.total = first == null ? 0 : first.getTotal();
  }

  /** Bytes of the whole blob, as the peer says. */
  public long total() {
    return total;
  }

  /**
   * The next bytes, at most 1 MiB, read-only; null at the end.
   *
   * @throws PeerException if the peer breaks off
   */
  public @Nullable ByteBuffer next() {
    Messages.BlobPiece piece = first == null ? read() : first;
    first = null;
    return piece == null ? null : piece.getData().asReadOnlyByteBuffer();
  }

  private Messages.@Nullable BlobPiece read() {
    try {
      return call.read();
    } catch (StatusException e) {
      throw failures.apply(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
      throw failures.apply(
          new StatusException(io.grpc.Status.CANCELLED.withDescription("interrupted")));
    }
  }

  @Override
  public void close() {
    call.cancel("no longer wanted", null);
  }
}
