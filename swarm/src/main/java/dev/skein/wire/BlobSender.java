package dev.skein.wire;

import com.google.protobuf.UnsafeByteOperations;
import dev.skein.wire.proto.Messages;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Sends one blob from an offset on, as fast as the receiver takes it. */
final class BlobSender {
  private final ServerCallStreamObserver<Messages.BlobPiece> reply;

  /** Released whenever there may be room again, or nobody to send to. */
  private final Semaphore change = new Semaphore(0);

  /** Must be made before the call's method returns: gRPC takes no handlers later. */
  BlobSender(ServerCallStreamObserver<Messages.BlobPiece> reply) {
    this.reply = reply;
    reply.setOnReadyHandler(change::release);
    reply.setOnCancelHandler(change::release);
  }

  void send(Supplier<@Nullable MemorySegment> source, long offset) {
    try {
      MemorySegment blob = source.get();
      if (blob == null) {
        throw new WireException("does not hold this blob");
      }
      if (offset < 0 || offset > blob.byteSize()) {
        throw new WireException(
            "offset %d is not within the blob's %d bytes".formatted(offset, blob.byteSize()));
      }
      if (sendAll(blob, offset)) {
        reply.onCompleted();
      }
    } catch (InterruptedException e) {
      reply.onError(Status.CANCELLED.asRuntimeException());
    } catch (RuntimeException | Error e) {
      if (!reply.isCancelled()) {
        reply.onError(Refusal.status(e).asRuntimeException());
      }
    }
  }

  private boolean sendAll(MemorySegment blob, long offset) throws InterruptedException {
    long at = offset;
    long total = blob.byteSize();
    do {
      while (!reply.isReady()) {
        if (reply.isCancelled()) {
          return false;
        }
        change.acquire();
      }
      long length = Math.min(WireLimits.CHUNK_BYTES, total - at);
      reply.onNext(
          Messages.BlobPiece.newBuilder()
              .setTotal(at == offset ? total : 0)
              .setData(UnsafeByteOperations.unsafeWrap(blob.asSlice(at, length).asByteBuffer()))
              .build());
      at += length;
    } while (at < total);
    return true;
  }
}
