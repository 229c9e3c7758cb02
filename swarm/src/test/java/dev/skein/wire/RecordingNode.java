package dev.skein.wire;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** A node that keeps what it is given; its queue of frames holds {@code room}. */
class RecordingNode implements NodeService {
  final BlockingQueue<Frame> frames;
  final BlockingQueue<PrepareRequest> prepared = new LinkedBlockingQueue<>();
  final BlockingQueue<String> released = new LinkedBlockingQueue<>();
  final Map<String, MemorySegment> blobs = new ConcurrentHashMap<>();

  RecordingNode() {
    this(Integer.MAX_VALUE);
  }

  RecordingNode(int room) {
    frames = new LinkedBlockingQueue<>(room);
  }

  @Override
  public DeviceReport describe() {
    return new DeviceReport(
        "node-1", 41.5, 1L << 31, Map.of("node-2", new LinkMeasure(2.5, 1e6)), List.of("d1"));
  }

  @Override
  public Prepared prepare(PrepareRequest request) {
    prepared.add(request);
    return new Prepared(12, 3.5, 1000, 200);
  }

  @Override
  public void release(String deployment) {
    released.add(deployment);
  }

  @Override
  public void accept(Frame frame) {
    if (frame.header().deployment().equals("unknown")) {
      throw new WireException("no deployment 'unknown' here");
    }
    try {
      frames.put(frame);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WireException("interrupted", e);
    }
  }

  @Override
  public @Nullable MemorySegment blob(String sha256) {
    return blobs.get(sha256);
  }
}
