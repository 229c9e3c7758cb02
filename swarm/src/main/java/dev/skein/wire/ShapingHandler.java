package dev.skein.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Delays a connection's bytes as the link says; stands next to the socket. When too much waits for
 * the rate, the channel turns unwritable, or the socket is no longer read. What is still on its way
 * out when the connection is closed is lost; what is on its way in is delivered at once.
 */
final class ShapingHandler extends ChannelDuplexHandler {
  private static final int WRITABILITY = 1;

  private final Link link;
  private final int limit;
  private final Lane up;
  private final Lane down;
  private boolean held;
  private boolean paused;
  private @Nullable ScheduledFuture<?> wake;
  private long wakeAt;

  ShapingHandler(Link link) {
    this.link = link;
    this.limit = link.waitingBytes();
    this.up = new Lane(link.upFlow());
    this.down = new Lane(link.downFlow());
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (!(message instanceof ByteBuf bytes)) {
      ReferenceCountUtil.release(message);
      promise.setFailure(new IllegalArgumentException("only bytes go over a link"));
      return;
    }
    up.add(link.now(), bytes, promise);
    throttle(ctx);
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    up.send(link.now());
    pass(ctx);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    long now = link.now();
    down.add(now, (ByteBuf) message, null);
    down.send(now);
    throttle(ctx);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    pass(ctx);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end(ctx);
    ctx.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    end(ctx);
  }

  /** Moves on whatever is due, and sees to it that the rest is not forgotten. */
  private void pass(ChannelHandlerContext ctx) {
    long now = link.now();
    if (up.deliver(now, part -> writeOn(ctx, part))) {
      ctx.flush();
    }
    if (down.deliver(now, part -> ctx.fireChannelRead(part.bytes()))) {
      ctx.fireChannelReadComplete();
    }
    throttle(ctx);
    schedule(ctx);
  }

  private static void writeOn(ChannelHandlerContext ctx, Lane.Part part) {
    var _ = ctx.write(part.bytes(), part.promise() == null ? ctx.voidPromise() : part.promise());
  }

  private void throttle(ChannelHandlerContext ctx) {
    boolean hold = up.waitingBytes() > (held ? limit / 2 : limit);
    ChannelOutboundBuffer out = ctx.channel().unsafe().outboundBuffer();
    if (hold != held && out != null) {
      held = hold;
      out.setUserDefinedWritability(WRITABILITY, !hold);
    }
    boolean pause = down.waitingBytes() > (paused ? limit / 2 : limit);
    if (pause != paused) {
      paused = pause;
      ctx.channel().config().setAutoRead(!pause);
    }
  }

  private void schedule(ChannelHandlerContext ctx) {
    long next = Math.min(up.next(), down.next());
    if (next == Long.MAX_VALUE || (wake != null && wakeAt <= next)) {
      return;
    }
    if (wake != null) {
      wake.cancel(false);
    }
    wakeAt = next;
    wake =
        ctx.executor()
            .schedule(() -> wake(ctx), Math.max(0, next - link.now()), TimeUnit.NANOSECONDS);
  }

  private void wake(ChannelHandlerContext ctx) {
    wake = null;
    pass(ctx);
  }

  private void end(ChannelHandlerContext ctx) {
    if (wake != null) {
      wake.cancel(false);
      wake = null;
    }
    down.drain(part -> ctx.fireChannelRead(part.bytes()));
    up.drain(part -> {
      part.bytes().release();
      if (part.promise() != null) {
        part.promise().tryFailure(new ClosedChannelException());
      }
    });
  }
}
