package dev.skein.wire;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;

/**
 * Refuses bytes that are no message of ours with one line to the sender. Left alone, gRPC logs a
 * stack trace for each, so that anybody could fill a node's disk.
 */
final class GarbageFilter {
  static final String NO_MESSAGE = "bytes that are no message of Skein";

  private GarbageFilter() {}

  static <Q, A> ServerMethodDefinition<Q, A> around(ServerMethodDefinition<Q, A> method) {
    MethodDescriptor<Q, A> descriptor = method.getMethodDescriptor();
    Tolerant<Q> marshaller = new Tolerant<>(descriptor.getRequestMarshaller());
    return ServerMethodDefinition.create(
        descriptor.toBuilder(marshaller, descriptor.getResponseMarshaller()).build(),
        new Filter<>(method.getServerCallHandler(), marshaller));
  }

  /** Parses what is not a message into {@link #garbage}, told apart by identity. */
  private record Tolerant<Q>(Marshaller<Q> strict, Q garbage) implements Marshaller<Q> {
    Tolerant(Marshaller<Q> strict) {
      this(strict, strict.parse(InputStream.nullInputStream()));
    }

    @SuppressWarnings("ReferenceEquality") // a good empty message equals it
    boolean isGarbage(Q message) {
      return message == garbage;
    }

    @Override
    public InputStream stream(Q value) {
      return strict.stream(value);
    }

    @Override
    public Q parse(InputStream stream) {
      try {
        return strict.parse(stream);
      } catch (StatusRuntimeException e) {
        return garbage;
      }
    }
  }

  private record Filter<Q, A>(ServerCallHandler<Q, A> handler, Tolerant<Q> marshaller)
      implements ServerCallHandler<Q, A> {
    @Override
    public ServerCall.Listener<Q> startCall(ServerCall<Q, A> call, Metadata headers) {
      OnceClosed<Q, A> guarded = new OnceClosed<>(call);
      return new SimpleForwardingServerCallListener<>(handler.startCall(guarded, headers)) {
        @Override
        public void onMessage(Q message) {
          if (guarded.closed()) {
            return;
          }
          if (marshaller.isGarbage(message)) {
            guarded.close(Status.INVALID_ARGUMENT.withDescription(NO_MESSAGE), new Metadata());
            super.onCancel();
          } else {
            super.onMessage(message);
          }
        }

        @Override
        public void onHalfClose() {
          if (!guarded.closed()) {
            super.onHalfClose();
          }
        }
      };
    }
  }

  /** gRPC throws at whoever closes a call twice; here filter, stub and service all may. */
  private static final class OnceClosed<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private boolean closed;

    OnceClosed(ServerCall<Q, A> call) {
      super(call);
    }

    synchronized boolean closed() {
      return closed;
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
      if (!closed) {
        closed = true;
        super.close(status, trailers);
      }
    }

    @Override
    public synchronized void sendHeaders(Metadata headers) {
      if (!closed) {
        super.sendHeaders(headers);
      }
    }

    @Override
    public synchronized void sendMessage(A message) {
      if (!closed) {
        super.sendMessage(message);
      }
    }
  }
}
