package dev.skein.wire;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * What all connections of this process share, kept small for small devices: at most two threads
 * that move bytes (daemons; they sleep in the selector while nothing happens), one arena of network
 * buffers that grows by 512 KiB, and a virtual thread for each call.
 */
final class Net {
  private static final int PAGE = 8 << 10;

  /** Chunks of PAGE << 6 = 512 KiB. */
  private static final int MAX_ORDER = 6;

  private static final int SMALL_CACHE = 64;
  private static final int NORMAL_CACHE = 16;

  static final EventLoopGroup LOOPS =
      new MultiThreadIoEventLoopGroup(
          Math.min(2, Runtime.getRuntime().availableProcessors()),
          new DefaultThreadFactory("skein-wire", true),
          NioIoHandler.newFactory());

  static final ByteBufAllocator BUFFERS =
      new PooledByteBufAllocator(true, 1, 1, PAGE, MAX_ORDER, SMALL_CACHE, NORMAL_CACHE, false);

  static final Executor CALLS =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("skein-call").factory());

  /** Held, because loggers that nobody holds lose their level. */
  private static final List<Logger> QUIETED =
      List.of(Logger.getLogger("io.grpc"), Logger.getLogger("io.netty"));

  static {
    // Both log a stack trace whenever a peer breaks off; its callers are told in one line anyway.
    QUIETED.stream()
        .filter(logger -> logger.getLevel() == null)
        .forEach(logger -> logger.setLevel(Level.SEVERE));
  }

  private Net() {}
}
