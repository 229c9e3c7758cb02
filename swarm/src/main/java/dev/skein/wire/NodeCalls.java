package dev.skein.wire;

import static io.grpc.stub.ServerCalls.asyncBidiStreamingCall;

import dev.skein.wire.proto.Messages;
import dev.skein.wire.proto.NodeGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;

/** Calls from the wire, checked, to the node's service. Each runs on a virtual thread. */
final class NodeCalls extends NodeGrpc.NodeImplBase {
  private final NodeService service;
  private final WireLimits limits;
  private final AssemblyBudget budget;

  NodeCalls(NodeService service, WireLimits limits) {
    this.service = service;
    this.limits = limits;
    this.budget = new AssemblyBudget(limits.assemblyBytes());
  }

  /** All calls, with the frames' own way of reading, and nothing that is not a message let in. */
  ServerServiceDefinition definition() {
    ServerServiceDefinition.Builder definition =
        ServerServiceDefinition.builder(NodeGrpc.SERVICE_NAME).addMethod(frames());
    for (ServerMethodDefinition<?, ?> method : bindService().getMethods()) {
      if (!method
          .getMethodDescriptor()
          .getFullMethodName()
          .equals(NodeGrpc.getFramesMethod().getFullMethodName())) {
        definition.addMethod(GarbageFilter.around(method));
      }
    }
    return definition.build();
  }

  private ServerMethodDefinition<Inbound, Messages.Ack> frames() {
    InboundMarshaller pieces = new InboundMarshaller();
    MethodDescriptor<Messages.Piece, Messages.Ack> method = NodeGrpc.getFramesMethod();
    return ServerMethodDefinition.create(
        method.toBuilder(pieces, method.getResponseMarshaller()).build(),
        asyncBidiStreamingCall(reply ->
            new FrameReceiver(
                service,
                new FrameAssembler(limits, budget),
                pieces,
                (ServerCallStreamObserver<Messages.Ack>) reply)));
  }

  @Override
  public void ping(Messages.PingRequest request, StreamObserver<Messages.PingReply> reply) {
    answer(reply, Messages.PingReply::getDefaultInstance);
  }

  @Override
  public void describe(
      Messages.DescribeRequest request, StreamObserver<Messages.DeviceReport> reply) {
    answer(reply, () -> Codec.write(service.describe()));
  }

  @Override
  public void prepare(Messages.PrepareRequest request, StreamObserver<Messages.Prepared> reply) {
    answer(
        reply,
        () -> Codec.write(service.prepare(Bounds.checked("request", () -> Codec.read(request)))));
  }

  @Override
  public void release(
      Messages.ReleaseRequest request, StreamObserver<Messages.ReleaseReply> reply) {
    answer(
        reply,
        () -> {
          service.release(Bounds.name("deployment", request.getDeployment()));
          return Messages.ReleaseReply.getDefaultInstance();
        });
  }

  @Override
  public void has(Messages.BlobName request, StreamObserver<Messages.BlobHolding> reply) {
    answer(
        reply,
        () -> {
          MemorySegment blob = service.blob(address(request.getSha256()));
          return Messages.BlobHolding.newBuilder()
              .setHeld(blob != null)
              .setBytes(blob == null ? 0 : blob.byteSize())
              .build();
        });
  }

  @Override
  public void fetch(Messages.BlobRange request, StreamObserver<Messages.BlobPiece> reply) {
    BlobSender sender = new BlobSender((ServerCallStreamObserver<Messages.BlobPiece>) reply);
    // gRPC tells of room and of cancellation only after this method has returned.
    Net.CALLS.execute(
        () -> sender.send(() -> service.blob(address(request.getSha256())), request.getOffset()));
  }

  private static String address(String sha256) {
    return Bounds.checked("request", () -> BlobRef.requireAddress(sha256));
  }

  private static <T> void answer(StreamObserver<T> reply, Supplier<T> work) {
    // With a handler, answering a caller who has gone is no error.
    ((ServerCallStreamObserver<T>) reply).setOnCancelHandler(() -> {});
    T result;
    try {
      result = work.get();
    } catch (RuntimeException | Error e) {
      reply.onError(Refusal.status(e).asRuntimeException());
      return;
    }
    reply.onNext(result);
    reply.onCompleted();
  }
}
