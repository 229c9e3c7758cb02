package dev.skein.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPromise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Bytes of one direction of one connection on their way over the link. For the event loop only. */
final class Lane {
  /** Longest stretch that passes as one, so that connections share the rate fairly. */
  private static final int PIECE_BYTES = 16 << 10;

  private final Shaper.Flow flow;
  private final ArrayDeque<Piece> waiting = new ArrayDeque<>();
  private final ArrayDeque<Piece> flying = new ArrayDeque<>();

  /** Handed in, but not yet sent; in the end at most {@link #PIECE_BYTES}. */
  private List<Part> gathered = new ArrayList<>();

  private int gatheredBytes;
  private long waitingBytes;

  /** Part of what was written or read; the promise is kept when it passes. */
  record Part(ByteBuf bytes, @Nullable ChannelPromise promise) {}

  private record Piece(List<Part> parts, int bytes, Shaper.Passage passage) {}

  Lane(Shaper.Flow flow) {
    this.flow = flow;
  }

  /** Bytes that have not left yet. */
  long waitingBytes() {
    return waitingBytes + gatheredBytes;
  }

  void add(long now, ByteBuf bytes, @Nullable ChannelPromise promise) {
    while (gatheredBytes + bytes.readableBytes() > PIECE_BYTES) {
      int length = PIECE_BYTES - gatheredBytes;
      gathered.add(new Part(bytes.readRetainedSlice(length), null));
      gatheredBytes += length;
      send(now);
    }
    gathered.add(new Part(bytes, promise));
    gatheredBytes += bytes.readableBytes();
  }

  /** Puts what was gathered on the link. */
  void send(long now) {
    if (gathered.isEmpty()) {
      return;
    }
    waiting.add(new Piece(gathered, gatheredBytes, flow.send(now, gatheredBytes)));
    waitingBytes += gatheredBytes;
    gathered = new ArrayList<>();
    gatheredBytes = 0;
  }

  /** Hands on what has arrived by now; true if there was any. */
  boolean deliver(long now, Consumer<Part> sink) {
    while (!waiting.isEmpty() && waiting.peek().passage.leaves() <= now) {
      Piece piece = waiting.remove();
      waitingBytes -= piece.bytes;
      flying.add(piece);
    }
    boolean any = false;
    while (!flying.isEmpty() && flying.peek().passage.arrives() <= now) {
      flying.remove().parts.forEach(sink);
      any = true;
    }
    return any;
  }

  /** When to look again; {@link Long#MAX_VALUE} if nothing is on its way. */
  long next() {
    long leaves = waiting.isEmpty() ? Long.MAX_VALUE : waiting.peek().passage.leaves();
    long arrives = flying.isEmpty() ? Long.MAX_VALUE : flying.peek().passage.arrives();
    return Math.min(leaves, arrives);
  }

  /** Hands on everything at once, in order. */
  void drain(Consumer<Part> sink) {
    send(0);
    waitingBytes = 0;
    while (!flying.isEmpty() || !waiting.isEmpty()) {
      (flying.isEmpty() ? waiting : flying).remove().parts.forEach(sink);
    }
  }
}
