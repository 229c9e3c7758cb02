package dev.skein.wire;

import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A connection that goes over an emulated link. */
final class ShapedSocketChannel extends NioSocketChannel {
  /** Small, so that what waits waits in the emulated link and not in the kernel. */
  private static final int KERNEL_BYTES = 128 << 10;

  ShapedSocketChannel(Link link) {
    shape(link);
  }

  ShapedSocketChannel(@Nullable Channel parent, SocketChannel socket, Link link) {
    super(parent, socket);
    shape(link);
  }

  private void shape(Link link) {
    config().setSendBufferSize(KERNEL_BYTES).setReceiveBufferSize(KERNEL_BYTES);
    pipeline().addFirst("link", new ShapingHandler(link));
  }
}
