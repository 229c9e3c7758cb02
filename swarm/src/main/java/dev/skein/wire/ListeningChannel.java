package dev.skein.wire;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Accepts connections, which then go over the link. Beyond a limit new ones are closed at once, so
 * that strangers cannot use up the process's file descriptors.
 */
final class ListeningChannel extends NioServerSocketChannel {
  static final int CONNECTIONS = 512;

  private final Link link;
  private final AtomicInteger open = new AtomicInteger();

  ListeningChannel(Link link) {
    this.link = link;
  }

  @Override
  protected int doReadMessages(List<Object> accepted) throws IOException {
    SocketChannel socket = javaChannel().accept();
    if (socket == null) {
      return 0;
    }
    if (open.get() >= CONNECTIONS) {
      socket.close();
      return 0;
    }
    Channel channel =
        link.transparent()
            ? new NioSocketChannel(this, socket)
            : new ShapedSocketChannel(this, socket, link);
    open.incrementAndGet();
    ChannelFuture _ = channel.closeFuture().addListener(closed -> open.decrementAndGet());
    accepted.add(channel);
    return 1;
  }
}
