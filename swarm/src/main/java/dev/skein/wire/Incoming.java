package dev.skein.wire;

import dev.skein.tensor.Tensor;
import dev.skein.tensor.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** One tensor while it arrives. Big ones grow by doubling, so that an empty claim costs nothing. */
final class Incoming implements AutoCloseable {
  /** Up to here a tensor gets its memory at once, and each byte is copied once. */
  private static final long AT_ONCE = 8L << 20;

  private static final long ALIGNMENT = 64;

  final String name;
  final TensorSpec spec;
  private final AssemblyBudget budget;
  private final long size;
  private MemorySegment memory = MemorySegment.NULL;
  private long filled;

  Incoming(String name, TensorSpec spec, AssemblyBudget budget) {
    this.name = name;
    this.spec = spec;
    this.budget = budget;
    this.size = spec.bytes();
  }

  void append(ByteBuffer bytes) {
    int length = bytes.remaining();
    if (length > size - filled) {
      throw new WireException(
          "value '%s' got more than its %d bytes".formatted(OneLine.of(name), size));
    }
    if (filled + length > memory.byteSize()) {
      grow();
    }
    memory.asSlice(filled, length).copyFrom(MemorySegment.ofBuffer(bytes));
    filled += length;
  }

  private void grow() {
    long capacity = Math.min(size, Math.max(AT_ONCE, 2 * memory.byteSize()));
    budget.take(capacity - memory.byteSize());
    long taken = memory.byteSize();
    try {
      MemorySegment bigger = Arena.ofAuto().allocate(capacity, ALIGNMENT);
      MemorySegment.copy(memory, 0, bigger, 0, filled);
      memory = bigger;
    } catch (OutOfMemoryError e) {
      budget.give(capacity - taken);
      throw new BusyException("no memory for value '%s' of %s".formatted(OneLine.of(name), spec));
    }
  }

  boolean complete() {
    return filled == size;
  }

  Tensor tensor() {
    return size == 0
        ? Tensor.allocate(spec.type(), spec.shape())
        : new Tensor(spec.type(), spec.shape(), memory);
  }

  @Override
  public void close() {
    budget.give(memory.byteSize());
    memory = MemorySegment.NULL;
  }
}
