package dev.skein.wire;

import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.List;

/** Accepts connections that go over an emulated link. */
final class ShapedServerChannel extends NioServerSocketChannel {
  private final Link link;

  ShapedServerChannel(Link link) {
    this.link = link;
  }

  @Override
  protected int doReadMessages(List<Object> accepted) throws IOException {
    SocketChannel socket = javaChannel().accept();
    if (socket == null) {
      return 0;
    }
    accepted.add(new ShapedSocketChannel(this, socket, link));
    return 1;
  }
}
