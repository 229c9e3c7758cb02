package dev.skein.wire;

import dev.skein.wire.proto.Messages;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sending end of one stream of frames. Any number of threads may send: one writes at a time, and up
 * to {@link WireLimits#UNACKNOWLEDGED} frames are under way, so that the next frame travels while
 * the receiver takes the one before it. One lock guards everything, the call included.
 */
final class FrameStream {
  /** Bytes that may wait to leave before writing pauses. */
  private static final int READY_BYTES = 256 << 10;

  private final ReentrantLock lock = new ReentrantLock(true);
  private final Condition changed = lock.newCondition();
  private final ClientCall<Messages.Piece, Messages.Ack> call;

  /** Frames that wait for their acknowledgement, oldest first. */
  private final ArrayDeque<Sent> underway = new ArrayDeque<>();

  private boolean writing;
  private @Nullable Status closed;

  private static final class Sent {
    Messages.@Nullable Ack ack;
  }

  private FrameStream(ClientCall<Messages.Piece, Messages.Ack> call) {
    this.call = call;
  }

  static FrameStream open(
      Channel channel, io.grpc.MethodDescriptor<Messages.Piece, Messages.Ack> method) {
    FrameStream stream =
        new FrameStream(
            channel.newCall(
                method,
                CallOptions.DEFAULT
                    .withExecutor(Net.CALLS)
                    .withOnReadyThreshold(READY_BYTES)
                    .withMaxInboundMessageSize(WireLimits.REPLY_BYTES)));
    stream.call.start(stream.new Listener(), new Metadata());
    stream.call.request(WireLimits.UNACKNOWLEDGED);
    return stream;
  }

  boolean closed() {
    lock.lock();
    try {
      return closed != null;
    } finally {
      lock.unlock();
    }
  }

  boolean idle() {
    lock.lock();
    try {
      return !writing && underway.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Sends the frame's pieces and waits until the receiver has accepted it.
   *
   * @throws StatusException if the stream broke, the receiver refused the frame, or time is up; the
   *     stream stays open only after a refusal, and when time was up before it was this frame's
   *     turn
   */
  void send(List<Messages.Piece> pieces, Deadline deadline) throws StatusException {
    lock.lock();
    try {
      await(() -> !writing && underway.size() < WireLimits.UNACKNOWLEDGED, deadline);
      Sent sent = new Sent();
      boolean done = false;
      try {
        write(pieces, sent, deadline);
        await(() -> sent.ack != null, deadline);
        done = true;
      } finally {
        if (!done) {
          abort();
        }
      }
      if (sent.ack != null && sent.ack.hasRefusal()) {
        throw new StatusException(
            Status.FAILED_PRECONDITION.withDescription(sent.ack.getRefusal()));
      }
    } finally {
      lock.unlock();
    }
  }

  private void write(List<Messages.Piece> pieces, Sent sent, Deadline deadline)
      throws StatusException {
    writing = true;
    try {
      for (Messages.Piece piece : pieces) {
        await(call::isReady, deadline);
        call.sendMessage(piece);
      }
      underway.add(sent);
    } finally {
      writing = false;
      changed.signalAll();
    }
  }

  /** Waits, giving up the lock meanwhile. */
  private void await(BooleanSupplier condition, Deadline deadline) throws StatusException {
    try {
      while (!condition.getAsBoolean()) {
        if (closed != null) {
          throw new StatusException(closed);
        }
        long left = deadline.timeRemaining(TimeUnit.NANOSECONDS);
        if (left <= 0) {
          throw new StatusException(Status.DEADLINE_EXCEEDED);
        }
        long _ = changed.awaitNanos(left);
      }
      if (closed != null) {
        throw new StatusException(closed);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StatusException(Status.CANCELLED.withDescription("interrupted").withCause(e));
    }
  }

  /** Half a frame cannot be taken back: the stream ends with it. */
  private void abort() {
    if (closed == null) {
      closed = Status.UNAVAILABLE.withDescription("the stream was broken off by another frame");
      call.cancel("a frame was broken off", null);
      changed.signalAll();
    }
  }

  /** Lets what is under way arrive, then ends. */
  void finish() {
    lock.lock();
    try {
      if (closed == null) {
        closed = Status.UNAVAILABLE.withDescription("the stream was closed");
        call.halfClose();
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private final class Listener extends ClientCall.Listener<Messages.Ack> {
    @Override
    public void onReady() {
      lock.lock();
      try {
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void onMessage(Messages.Ack ack) {
      lock.lock();
      try {
        Sent oldest = underway.poll();
        if (oldest == null) {
          abort();
        } else {
          oldest.ack = ack;
          call.request(1);
          changed.signalAll();
        }
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      lock.lock();
      try {
        if (closed == null) {
          closed =
              status.isOk() ? Status.UNAVAILABLE.withDescription("the stream was closed") : status;
        }
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
