package dev.skein.wire;

import io.grpc.Codec;
import io.grpc.DecompressorRegistry;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** The side of a node that its peers call. */
public final class WireServer implements AutoCloseable {
  private static final int CALLS_PER_CONNECTION = 256;
  private static final int RESETS_PER_TEN_SECONDS = 500;

  private final Server server;

  private WireServer(Server server) {
    this.server = server;
  }

  /**
   * Listens with the default limits.
   *
   * @param port 0 for any free one
   * @throws WireException if it cannot listen there
   */
  public static WireServer start(String bindHost, int port, Link link, NodeService service) {
    return start(new InetSocketAddress(bindHost, port), link, WireLimits.defaults(), service);
  }

  /**
   * Listens.
   *
   * @throws WireException if it cannot listen there
   */
  public static WireServer start(
      InetSocketAddress address, Link link, WireLimits limits, NodeService service) {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(address)
            .bossEventLoopGroup(Net.LOOPS)
            .workerEventLoopGroup(Net.LOOPS)
            .channelFactory(link.serverChannels())
            .withOption(ChannelOption.ALLOCATOR, Net.BUFFERS)
            .withChildOption(ChannelOption.ALLOCATOR, Net.BUFFERS)
            .executor(Net.CALLS)
            .maxInboundMessageSize(WireLimits.MESSAGE_BYTES)
            .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION)
            .maxRstFramesPerWindow(RESETS_PER_TEN_SECONDS, 10)
            .handshakeTimeout(10, TimeUnit.SECONDS)
            .permitKeepAliveTime(5, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .keepAliveTime(60, TimeUnit.SECONDS)
            .keepAliveTimeout(20, TimeUnit.SECONDS)
            .decompressorRegistry(
                DecompressorRegistry.emptyInstance().with(Codec.Identity.NONE, false))
            .addService(new NodeCalls(service, limits).definition());
    try {
      return new WireServer(builder.build().start());
    } catch (IOException | IllegalArgumentException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new WireException(
          "cannot listen on %s:%d (%s); choose another address or port"
              .formatted(address.getHostString(), address.getPort(), OneLine.of(cause)),
          e);
    }
  }

  public int port() {
    return server.getPort();
  }

  /** Breaks off all calls; their callers see the node as unreachable. */
  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
