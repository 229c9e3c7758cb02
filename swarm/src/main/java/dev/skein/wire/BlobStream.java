package dev.skein.wire;

import dev.skein.wire.proto.Messages;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A blob's bytes as they arrive from a peer; for one thread. Close it when done or given up. */
public final class BlobStream implements AutoCloseable {
  private static final int STALL_SECONDS = 10;

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
   * @throws PeerException if the peer breaks off, or sends nothing for ten seconds
   */
  public @Nullable ByteBuffer next() {
    Messages.BlobPiece piece = first == null ? read() : first;
    first = null;
    return piece == null ? null : piece.getData().asReadOnlyByteBuffer();
  }

  private Messages.@Nullable BlobPiece read() {
    try {
      return call.read(STALL_SECONDS, TimeUnit.SECONDS);
    } catch (StatusException e) {
      throw failures.apply(e);
    } catch (TimeoutException e) {
      throw broken(Status.UNAVAILABLE.withDescription("silent for " + STALL_SECONDS + " s"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw broken(Status.CANCELLED.withDescription("interrupted"));
    }
  }

  private PeerException broken(Status status) {
    close();
    return failures.apply(new StatusException(status));
  }

  @Override
  public void close() {
    call.cancel("no longer wanted", null);
  }
}
