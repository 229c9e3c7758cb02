package dev.skein.wire;

import dev.skein.wire.proto.Messages;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Receiving end of one stream of frames. gRPC's thread of the call puts pieces together; a second
 * virtual thread hands complete frames to the node, where it may wait. So a stage that is busy
 * never leaves bytes unread in the connection, which other calls share; what holds the sender back
 * are the acknowledgements.
 */
final class FrameReceiver implements StreamObserver<Inbound> {
  /** Pieces that gRPC may hand over before the first of them is dealt with. */
  private static final int PIECES_AHEAD = 4;

  private final NodeService service;
  private final FrameAssembler assembler;
  private final InboundMarshaller buffers;
  private final ServerCallStreamObserver<Messages.Ack> reply;

  /** Complete frames and, last, an empty element for the end of the stream. */
  private final BlockingQueue<Delivery> deliveries = new LinkedBlockingQueue<>();

  private final ReentrantLock replying = new ReentrantLock();
  private final Thread acceptor;
  private int waiting;
  private boolean over;

  private record Delivery(@Nullable Frame frame) {}

  FrameReceiver(
      NodeService service,
      FrameAssembler assembler,
      InboundMarshaller buffers,
      ServerCallStreamObserver<Messages.Ack> reply) {
    this.service = service;
    this.assembler = assembler;
    this.buffers = buffers;
    this.reply = reply;
    this.acceptor = Thread.ofVirtual().name("skein-accept").unstarted(this::acceptAll);
    reply.disableAutoRequest();
    reply.setOnCancelHandler(this::end);
    reply.request(PIECES_AHEAD);
    acceptor.start();
  }

  @Override
  public void onNext(Inbound piece) {
    try {
      if (over()) {
        return; // gRPC still hands over what it was asked for before
      }
      Frame frame = assembler.add(piece);
      if (frame != null) {
        enqueue(frame);
      }
      reply.request(1);
    } catch (RuntimeException | Error e) {
      fail(Refusal.status(e));
    } finally {
      if (piece instanceof Inbound.Chunk chunk) {
        buffers.recycle(chunk);
      }
    }
  }

  private void enqueue(Frame frame) {
    replying.lock();
    try {
      if (waiting == WireLimits.UNACKNOWLEDGED) {
        assembler.release(frame);
        throw new WireException(
            "more than " + WireLimits.UNACKNOWLEDGED + " frames without waiting for an answer");
      }
      waiting++;
    } finally {
      replying.unlock();
    }
    deliveries.add(new Delivery(frame));
  }

  private void acceptAll() {
    try {
      Frame frame;
      while ((frame = deliveries.take().frame) != null) {
        Messages.Ack.Builder ack = Messages.Ack.newBuilder();
        try {
          service.accept(frame);
        } catch (RuntimeException | Error e) {
          ack.setRefusal(Refusal.line(e));
        } finally {
          assembler.release(frame);
        }
        if (!acknowledge(ack.build())) {
          return;
        }
      }
      complete();
    } catch (InterruptedException e) {
      // The stream is over and nobody waits for its frames any more.
      Thread.currentThread().interrupt();
    }
  }

  private boolean acknowledge(Messages.Ack ack) {
    replying.lock();
    try {
      if (!over) {
        waiting--;
        reply.onNext(ack);
      }
      return !over;
    } finally {
      replying.unlock();
    }
  }

  private void complete() {
    replying.lock();
    try {
      if (!over) {
        over = true;
        reply.onCompleted();
      }
    } finally {
      replying.unlock();
    }
  }

  @Override
  public void onCompleted() {
    if (assembler.halfway()) {
      fail(Status.FAILED_PRECONDITION.withDescription("the stream ended in the middle of a frame"));
    } else {
      deliveries.add(new Delivery(null));
    }
  }

  @Override
  public void onError(Throwable failure) {
    end();
  }

  private void fail(Status status) {
    replying.lock();
    try {
      if (!over) {
        over = true;
        reply.onError(status.asRuntimeException());
      }
    } finally {
      replying.unlock();
    }
    end();
  }

  /** Nothing more is read or answered; a frame still waiting at the node is given up. */
  private void end() {
    replying.lock();
    try {
      over = true;
    } finally {
      replying.unlock();
    }
    assembler.close();
    Delivery undelivered;
    while ((undelivered = deliveries.poll()) != null) {
      if (undelivered.frame != null) {
        assembler.release(undelivered.frame);
      }
    }
    acceptor.interrupt();
  }

  private boolean over() {
    replying.lock();
    try {
      return over;
    } finally {
      replying.unlock();
    }
  }
}
