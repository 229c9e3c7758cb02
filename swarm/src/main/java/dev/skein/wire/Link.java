package dev.skein.wire;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

/**
 * The emulated access link of this process: rate, delay, jitter and loss, the same in both
 * directions, which do not disturb each other. All connections given the same object share it, as
 * those of a device share its radio. Between two nodes that both have one, the delays add up.
 */
public final class Link {
  /** The network as it is. */
  public static final Link NONE = new Link(LinkSpec.NONE, 0);

  private static final long SEED = 7;

  /** Bytes of one direction of a connection that wait for the rate before more is refused. */
  private static final int WAITING_BYTES = 64 << 10;

  /** Timers are only so exact; a fast link must not run empty in between. */
  private static final double WAITING_SECONDS = 0.003;

  private final LinkSpec spec;
  private final Shaper up;
  private final Shaper down;
  private final long origin = System.nanoTime();

  private Link(LinkSpec spec, long seed) {
    this.spec = spec;
    this.up = new Shaper(spec, seed);
    this.down = new Shaper(spec, seed + 1);
  }

  /**
   * Reads for example {@code 20mbit,5ms,1%} or {@code 250kbit,40ms~10ms}; any part may be left out.
   * Rates are in bit/s, kbit/s, mbit/s or gbit/s (powers of ten), delays one way in us, ms or s.
   *
   * @throws IllegalArgumentException naming the part at fault
   */
  public static Link parse(String text) {
    return parse(text, SEED);
  }

  /** The same, with another sequence of losses and delays. */
  public static Link parse(String text, long seed) {
    return new Link(LinkSpec.parse(text), seed);
  }

  /** True if it leaves the network as it is. */
  public boolean transparent() {
    return spec.equals(LinkSpec.NONE);
  }

  LinkSpec spec() {
    return spec;
  }

  /** Nanoseconds since the link came up: the clock of its shapers. */
  long now() {
    return System.nanoTime() - origin;
  }

  Shaper.Flow upFlow() {
    return up.flow();
  }

  Shaper.Flow downFlow() {
    return down.flow();
  }

  int waitingBytes() {
    double fast = spec.bytesPerSecond() * WAITING_SECONDS;
    return (int) Math.clamp(fast, WAITING_BYTES, 1 << 30);
  }

  ChannelFactory<? extends Channel> clientChannels() {
    return transparent() ? NioSocketChannel::new : () -> new ShapedSocketChannel(this);
  }

  ChannelFactory<? extends ServerChannel> serverChannels() {
    return () -> new ListeningChannel(this);
  }

  @Override
  public String toString() {
    return spec.toString();
  }
}
