package dev.skein.wire;

import dev.skein.wire.proto.NodeGrpc;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import java.net.InetSocketAddress;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The gRPC channel to one endpoint and the streams of frames on it. */
final class Connection implements AutoCloseable {
  private static final int CONNECT_MILLIS = 5_000;
  private static final int STREAMS = 64;

  private final Endpoint endpoint;
  private final Link link;
  private final Map<Key, FrameStream> streams = new LinkedHashMap<>(16, 0.75f, true);
  private @Nullable ManagedChannel channel;
  private boolean closed;

  private record Key(String deployment, int stage) {}

  Connection(Endpoint endpoint, Link link) {
    this.endpoint = endpoint;
    this.link = link;
  }

  /**
   * A channel that is not known to be broken. gRPC would wait longer and longer before it tries a
   * lost peer again, and fail calls meanwhile; here each call is a fresh attempt.
   */
  synchronized ManagedChannel channel() throws StatusException {
    if (closed) {
      throw new StatusException(
          Status.UNAVAILABLE.withDescription("this side closed the connection"));
    }
    if (channel != null && channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      channel.shutdownNow();
      channel = null;
    }
    if (channel == null) {
      channel = open();
    }
    return channel;
  }

  private ManagedChannel open() {
    return NettyChannelBuilder.forAddress(new InetSocketAddress(endpoint.host(), endpoint.port()))
        .usePlaintext()
        .eventLoopGroup(Net.LOOPS)
        .channelFactory(link.clientChannels())
        .withOption(ChannelOption.ALLOCATOR, Net.BUFFERS)
        .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
        .executor(Net.CALLS)
        .offloadExecutor(Net.CALLS)
        .proxyDetector(address -> null)
        .disableRetry()
        .idleTimeout(2, TimeUnit.MINUTES)
        // A peer that lost its power closes no connection; this notices, in use or not.
        .keepAliveTime(10, TimeUnit.SECONDS)
        .keepAliveTimeout(10, TimeUnit.SECONDS)
        .keepAliveWithoutCalls(true)
        .maxInboundMessageSize(WireLimits.REPLY_BYTES)
        .build();
  }

  synchronized FrameStream stream(String deployment, int stage) throws StatusException {
    ManagedChannel usable = channel();
    Key key = new Key(deployment, stage);
    FrameStream stream = streams.get(key);
    if (stream == null || stream.closed()) {
      streams.remove(key);
      dropIdle();
      stream = FrameStream.open(usable, NodeGrpc.getFramesMethod());
      streams.put(key, stream);
    }
    return stream;
  }

  /** Makes room by ending the streams that have been unused longest. */
  private void dropIdle() {
    Iterator<FrameStream> oldest = streams.values().iterator();
    while (streams.size() >= STREAMS && oldest.hasNext()) {
      FrameStream stream = oldest.next();
      if (stream.closed() || stream.idle()) {
        stream.finish();
        oldest.remove();
      }
    }
  }

  synchronized void finishStreams(String deployment) {
    streams
        .entrySet()
        .removeIf(entry -> {
          boolean ends = entry.getKey().deployment.equals(deployment);
          if (ends) {
            entry.getValue().finish();
          }
          return ends;
        });
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (channel != null) {
      channel.shutdownNow();
    }
  }
}
