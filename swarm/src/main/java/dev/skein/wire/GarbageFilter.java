package dev.skein.wire;

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
      return new SimpleForwardingServerCallListener<>(handler.startCall(call, headers)) {
        private boolean refused;

        @Override
        public void onMessage(Q message) {
          if (marshaller.isGarbage(message)) {
            refused = true;
            call.close(Status.INVALID_ARGUMENT.withDescription(NO_MESSAGE), new Metadata());
            super.onCancel();
          } else if (!refused) {
            super.onMessage(message);
          }
        }

        @Override
        public void onHalfClose() {
          if (!refused) {
            super.onHalfClose();
          }
        }
      };
    }
  }
}
