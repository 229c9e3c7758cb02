package dev.skein.wire;

import dev.skein.tensor.Tensor;
import dev.skein.tensor.TensorSpec;
import dev.skein.wire.proto.Messages;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts the pieces of one stream together into frames. Memory is taken as data arrives, not as a
 * head announces it. Not thread-safe.
 */
final class FrameAssembler implements AutoCloseable {
  private final WireLimits limits;
  private final AssemblyBudget budget;
  private final List<Incoming> tensors = new ArrayList<>();
  private @Nullable FrameHeader header;
  private int current;

  FrameAssembler(WireLimits limits, AssemblyBudget budget) {
    this.limits = limits;
    this.budget = budget;
  }

  /**
   * The frame that this piece completes, or null.
   *
   * @throws WireException if the piece breaks a bound or comes out of order
   */
  @Nullable Frame add(Inbound piece) {
    switch (piece) {
      case Inbound.Head(Messages.FrameHead head) ->
          Bounds.checked(
              "frame",
              () -> {
                begin(head);
                return this;
              });
      case Inbound.Chunk(ByteBuffer bytes) -> append(bytes);
      case Inbound.Garbage(String why) -> throw new WireException(why);
    }
    return completed();
  }

  private void begin(Messages.FrameHead head) {
    if (header != null) {
      throw new WireException("a frame's head came before the frame in front of it was complete");
    }
    Bounds.count("tensors", head.getTensorsCount(), WireLimits.TENSORS);
    long total = 0;
    Map<String, Incoming> byName = new LinkedHashMap<>();
    for (Messages.TensorHead tensor : head.getTensorsList()) {
      Incoming incoming = incoming(tensor);
      total = Math.addExact(total, incoming.spec.bytes());
      if (byName.put(incoming.name, incoming) != null) {
        throw new WireException("value '" + OneLine.of(incoming.name) + "' comes twice");
      }
    }
    if (total > limits.frameBytes()) {
      throw new WireException(
          "a frame of " + total + " bytes is above the limit of " + limits.frameBytes());
    }
    header = FrameCodec.header(head);
    tensors.addAll(byName.values());
    current = 0;
  }

  private Incoming incoming(Messages.TensorHead head) {
    String name = Bounds.name("value", head.getName());
    TensorSpec spec = Codec.read(head.getSpec());
    if (spec.bytes() != head.getBytes()) {
      throw new WireException(
          "value '%s' announces %d bytes, but %s takes %d"
              .formatted(OneLine.of(name), head.getBytes(), spec, spec.bytes()));
    }
    return new Incoming(name, spec, budget);
  }

  private void append(ByteBuffer bytes) {
    if (header == null) {
      throw new WireException("a chunk came before any head");
    }
    tensors.get(current).append(bytes);
  }

  private @Nullable Frame completed() {
    while (current < tensors.size() && tensors.get(current).complete()) {
      current++;
    }
    if (header == null || current < tensors.size()) {
      return null;
    }
    Map<String, Tensor> values = new LinkedHashMap<>();
    tensors.forEach(incoming -> values.put(incoming.name, incoming.tensor()));
    Frame frame = new Frame(header, values);
    tensors.clear();
    header = null;
    return frame;
  }

  /** Gives back the memory of a complete frame, which is the node's own affair now; any thread. */
  void release(Frame frame) {
    budget.give(frame.bytes());
  }

  /** True in the middle of a frame. */
  boolean halfway() {
    return header != null;
  }

  /** Drops a half frame. */
  @Override
  public void close() {
    tensors.forEach(Incoming::close);
    tensors.clear();
    header = null;
  }
}
