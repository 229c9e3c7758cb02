package dev.skein.wire;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

/** The access link of this process, which all its connections share. */
public final class Link {
  /** The link as it is. */
  public static final Link NONE = new Link();

  private Link() {}

  ChannelFactory<? extends Channel> clientChannels() {
    return NioSocketChannel::new;
  }

  ChannelFactory<? extends ServerChannel> serverChannels() {
    return NioServerSocketChannel::new;
  }
}
